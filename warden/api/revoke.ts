import { stopGrant } from '#warden/issuer';
import type { Warden } from '../context';
import { readAccessToken } from './access-token';
import { authenticateByToken } from './agent';
import { type Call, fieldsOf } from './request';

/**
 * RFC 7009: an agent gives back what is its own, named by its token or by the
 * grant's id. The answer is the same for all else: nothing is told about a
 * stranger's token (T46).
 */
export async function revokeToken(warden: Warden, call: Call): Promise<void> {
  const agent = await authenticateByToken(warden, call);
  const grantId = await grantNamed(warden, fieldsOf(call).get('token') ?? '');
  if (grantId === null) return;
  const own = await warden.db.grant.findFirst({ where: { id: grantId, agentId: agent.id }, select: { state: true } });
  // A row that says more than was decided here does not keep anybody from deciding it.
  if (own === null || own.state === 'ended' || warden.vault.stopped.has(grantId)) return;
  await stopGrant(warden, grantId, { reason: 'revoked', by: agent.id });
}

async function grantNamed(warden: Warden, token: string): Promise<string | null> {
  if (/^grn_[0-9a-z]{20}$/.test(token)) return token;
  return (await readAccessToken(warden, token))?.jti ?? null;
}
