import { iso } from '#lib/core';
import type { Proof, TokenState } from '../driver';

/** What the gateway would answer to this grant's token, asked as the gateway asks. */
export function proofAtGateway(grantId: string, { active, expiresAt, now }: TokenState): Proof {
  const refuses = `The gateway refuses every call with grant ${grantId}`;
  if (expiresAt === null) return { dead: true, lines: [`${refuses}: it was never collected.`] };
  if (now >= expiresAt) return { dead: true, lines: [`${refuses}: it expired at ${iso(expiresAt)}.`] };
  if (active) return { dead: false, lines: [`The gateway still lets calls with grant ${grantId} pass.`] };
  return { dead: true, lines: [`${refuses}: it is over.`] };
}
