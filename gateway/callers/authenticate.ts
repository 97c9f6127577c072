import { looksLikeToken, refuse, sha256Base64url } from '#lib/core';
import type { AgentFacts } from '#lib/identity';
import {
  createTokenVerifier,
  isInTime,
  type Nonces,
  type ProofStore,
  type TokenClaims,
  tokenOf,
  verifyProof,
} from '#lib/tokens';
import type { Book, BookedAgent } from './directory';
import type { Beat } from './heartbeat';
import type { Caller, Calling, StandingGrant, StandingParts } from './types';

/** Tokens whose signature is remembered. */
const TOKENS_KEPT = 10_000;

const NOBODY = 'No active agent has this token, and no grant. Ask its owner for a new one.';
export const ENDED = 'This grant has ended. Nothing was sent. File a new request.';

interface Knowing extends Pick<StandingParts, 'tokenKey' | 'gatewayOrigin'> {
  readonly book: Book;
  readonly beat: Beat;
  readonly proofs: { readonly nonces: Nonces; readonly store: ProofStore };
}

/** Who calls, by an ask token or a grant's, and proven by their key where they have one. */
export function knower(parts: Knowing): (calling: Calling) => Promise<Caller> {
  const { book, beat } = parts;
  const claimsOf = rememberedClaims(parts);
  const hashOf = rememberedHashes();

  async function byAskToken(token: string, hash: string, calling: Calling): Promise<Caller> {
    const agent = (await book.agent(hash)) ?? refuse('unauthenticated', NOBODY);
    await prove(parts, agent, { ...calling, token });
    return { kind: 'agent', agent: standingOf(agent) };
  }

  async function byGrant(token: string, calling: Calling): Promise<Caller> {
    const claims = claimsOf(token) ?? refuse('unauthenticated', NOBODY);
    if (!isFor(claims, calling.url)) return refuse('unauthenticated', NOBODY);
    if (!isInTime(claims, beat.now())) return refuse('gone', ENDED);
    const { agent, targetId, requestId } = (await book.grant(claims.jti)) ?? refuse('gone', ENDED);
    // A row that says another one was moved there by whoever owns the database (P3).
    if (targetId !== claims.target_id) return refuse('gone', ENDED);
    // Another token or key than the one it was approved for is another agent.
    if (agent.id !== claims.sub || agent.tokenHash !== claims.ask_token) return refuse('gone', ENDED);
    if (agent.keyThumbprint !== (claims.cnf?.jkt ?? null)) return refuse('gone', ENDED);
    await prove(parts, agent, { ...calling, token });
    return { kind: 'grant', agent: standingOf(agent), grant: { targetId, requestId, ...termsOf(claims) } };
  }

  return async (calling) => {
    const token = tokenOf(calling.authorization);
    if (token === null)
      return refuse('unauthenticated', 'Send your ask token, or a grant’s token: Authorization: Bearer …');
    const hash = hashOf(token);
    return hash === null ? byGrant(token, calling) : byAskToken(token, hash, calling);
  };
}

/** The hash by which an ask token is known; null for what is none. */
function rememberedHashes(): (token: string) => string | null {
  const hashes = new Map<string, string>();
  return (token) => {
    const known = hashes.get(token);
    if (known !== undefined) return known;
    if (!looksLikeToken('ask', token)) return null;
    const hash = sha256Base64url(token);
    keep(hashes, token, hash);
    return hash;
  };
}

/** Bounded: the oldest goes. */
function keep<T>(shelf: Map<string, T>, key: string, value: T): void {
  const [oldest] = shelf.keys();
  if (shelf.size >= TOKENS_KEPT && oldest !== undefined) shelf.delete(oldest);
  shelf.set(key, value);
}

/** A signature is checked once a text; whether its grant lives is asked each time (T25). */
function rememberedClaims({ tokenKey, gatewayOrigin }: Knowing): (token: string) => TokenClaims | null {
  const verify = createTokenVerifier([tokenKey], { issuer: gatewayOrigin });
  const read = new Map<string, TokenClaims>();
  return (token) => {
    const known = read.get(token);
    if (known !== undefined) return known;
    const claims = verify(token);
    if (claims === null) return null;
    keep(read, token, claims);
    return claims;
  };
}

/** The grant's own audience: the base address of one target, and what lies below it (T26). */
const isFor = ({ aud }: TokenClaims, url: string): boolean => url === aud || url.startsWith(`${aud}/`);

/** Throws `proof_required` where an agent that has a key did not prove it for just this call. */
async function prove(
  { proofs, beat }: Knowing,
  { key }: BookedAgent,
  { dpop, method, url, token }: Calling & { readonly token: string },
): Promise<void> {
  if (key !== null) await verifyProof(dpop, { key, method, url, token, now: beat.now() }, proofs);
}

const standingOf = ({ id, tokenHash, keyThumbprint }: BookedAgent): AgentFacts => ({ id, tokenHash, keyThumbprint });

/** Never wider than the token: the row may say what it likes (T30). */
function termsOf({
  jti,
  exp,
  authorization_details: [detail],
}: TokenClaims): Omit<StandingGrant, 'targetId' | 'requestId'> {
  return {
    id: jti,
    scope: { resources: detail?.resources ?? [], verbs: detail?.actions ?? [] },
    maxUses: detail?.max_uses ?? null,
    expiresAt: new Date(exp * 1000),
  };
}
