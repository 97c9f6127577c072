import { append } from '#lib/audit';
import type { Authority, SignedTarget } from '#lib/authority';
import { looksLikeToken, refuse, sha256Base64url } from '#lib/core';
import { type Grant, type Tx, transactBriefly } from '#lib/db';
import { askForEnd, subjectOf } from '#lib/grants';
import type { AgentFacts } from '#lib/identity';
import type { TokenConfig } from '#lib/targets';
import { type TokenClaims, tokenOf } from '#lib/tokens';
import { endedMark, noteStop } from '#warden/vault';
import type { Warden } from '../context';
import { readAccessToken } from './access-token';
import { authenticateByToken } from './agent';
import { type Call, fieldsOf } from './request';

/** RFC 7662. Everything unknown, ended, spent or not yours is one answer. */
export type Introspection =
  | { readonly active: false }
  | ({ readonly active: true; readonly token_type: 'Bearer' | 'DPoP'; readonly client_id: string } & TokenClaims);

const INACTIVE: Introspection = { active: false };

type Asker = { readonly service: SignedTarget } | { readonly agent: AgentFacts };

export async function introspect(warden: Warden, call: Call): Promise<Introspection> {
  const asker = await authenticateAsker(warden, call);
  const claims = await readAccessToken(warden, fieldsOf(call).get('token') ?? '');
  if (claims === null || !mayAsk(asker, claims)) return INACTIVE;
  // Briefly: one row that somebody holds locked would take every connection, a call each.
  const use = await transactBriefly(warden.db, async (tx, at) => {
    const grant = isOver(warden, claims.jti) ? null : await tx.grant.findUnique({ where: { id: claims.jti } });
    if (grant === null || !isTokenActive(grant, claims, at)) return 'none';
    if (!('service' in asker)) return 'free';
    return grant.targetId === asker.service.id ? countUse(tx, at, grant, claims) : 'none';
  });
  // It may have been stopped while somebody's lock on its row kept this waiting.
  if (use === 'none' || isOver(warden, claims.jti)) return INACTIVE;
  if (use === 'last') noteSpent(warden, claims.jti);
  return { active: true, token_type: claims.cnf === undefined ? 'Bearer' : 'DPoP', ...claims };
}

/** Ended, whatever its row says: whoever owns the tables can put that back in time. */
function isOver({ vault }: Warden, grantId: string): boolean {
  const requestId = vault.granted.get(grantId);
  return vault.stopped.has(grantId) || (requestId !== undefined && vault.spent.has(endedMark(requestId)));
}

/** After the last use has committed: from here on no row gives back what was used. */
function noteSpent(warden: Warden, grantId: string): void {
  noteStop(warden, grantId, { reason: 'spent', by: 'warden' });
  warden.vault.stopped.written(grantId);
}

/** A service by the token whose hash its owner signed into the target, or an agent by either of its secrets. */
async function authenticateAsker(warden: Warden, call: Call): Promise<Asker> {
  const token = tokenOf(call.headers.authorization);
  if (token === null || !looksLikeToken('svc', token)) return { agent: await authenticateByToken(warden, call) };
  const authority = await warden.authority.current(warden.db);
  return {
    service:
      serviceOf(authority, sha256Base64url(token)) ?? refuse('unauthenticated', 'No target has this service token.'),
  };
}

function serviceOf(authority: Authority, hash: string): SignedTarget | undefined {
  return [...authority.targets.values()].find(
    ({ active, config }) => active && config.kind === 'token' && config.serviceTokenHash === hash,
  );
}

/** A service asks about tokens made for it, an agent about its own (T26, T46). */
function mayAsk(asker: Asker, claims: TokenClaims): boolean {
  if ('agent' in asker) return claims.sub === asker.agent.id;
  return claims.aud === (asker.service.config as TokenConfig).audience;
}

const isTokenActive = (grant: Grant, claims: TokenClaims, now: Date): boolean =>
  grant.state === 'active' && grant.agentId === claims.sub && grant.expiresAt !== null && now < grant.expiresAt;

/**
 * One introspection by the service is one use, where uses are counted. How many
 * there may be stands in the signed token, not only in the row. The last one ends the grant.
 */
async function countUse(tx: Tx, now: Date, grant: Grant, claims: TokenClaims): Promise<'none' | 'free' | 'last'> {
  const maxUses = claims.authorization_details[0]?.max_uses;
  if (maxUses === undefined) return 'free';
  const rows = await tx.grant.updateManyAndReturn({
    where: { id: grant.id, state: 'active', uses: { lt: maxUses } },
    data: { uses: { increment: 1 }, version: { increment: 1 } },
  });
  const used = rows[0];
  if (used === undefined) return 'none';
  const { agentId, uses } = used;
  await append(tx, { kind: 'grant.used', actor: agentId, at: now, ...subjectOf(used), data: { uses, maxUses } });
  if (uses < maxUses) return 'free';
  await askForEnd(tx, now, grant.id, { reason: 'spent', by: 'warden' });
  return 'last';
}
