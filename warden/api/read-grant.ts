import { iso } from '#lib/core';
import type { Grant } from '#lib/db';
import { findGrant } from '#warden/issuer';
import type { Warden } from '../context';
import { authenticateByToken } from './agent';
import type { Call } from './request';

const time = (at: Date | null): string | null => (at === null ? null : iso(at));

/** A grant as its agent may see it. */
function shown(grant: Grant) {
  const { id, kind, state, requestId, resources, verbs, ttlSeconds, maxUses, uses, endReason, proof, trouble, result } =
    grant;
  return {
    id,
    kind,
    state,
    requestId,
    resources,
    verbs,
    ttlSeconds,
    maxUses,
    uses,
    endReason,
    proof,
    result,
    readyAt: iso(grant.readyAt),
    collectBy: iso(grant.collectBy),
    collectedAt: time(grant.collectedAt),
    expiresAt: time(grant.expiresAt),
    endedAt: time(grant.endedAt),
    stillLive: state === 'ending' ? trouble : null,
  };
}

/** The grant as it is now. Waiting for a change is REST v1's, on web. */
export async function readGrant(warden: Warden, call: Call, grantId: string): Promise<ReturnType<typeof shown>> {
  const agent = await authenticateByToken(warden, call);
  return shown(await findGrant(warden, agent, grantId));
}
