import { DomainError, refuse } from '#lib/core';
import type { Grant } from '#lib/db';
import type { AgentFacts } from '#lib/identity';
import { withTimeout } from '#lib/process';
import { frozen, refuseFrozen } from '#warden/freeze';
import { withMutex } from '#warden/pulse';
import type { Delivery, MintLimits, Prepared, Target } from '#warden/targets';
import type { Warden } from '../context';
import { isLive, recheckAgent } from './recheck';
import { voidGrant } from './void';

const MINT_SECONDS = 20;

export interface Minting extends Omit<MintLimits, 'grantId' | 'targetId'> {
  readonly target: Target;
  readonly prepared: Prepared;
  readonly grant: Pick<Grant, 'id' | 'targetId'>;
}

/** Makes the credential at the target, outside any transaction. What fails or came too late is voided and cleaned up. */
export async function mint(warden: Warden, { target, prepared, grant, ...limits }: Minting): Promise<Delivery> {
  try {
    return await withMutex(grant.id, async () => {
      await refuseOver(warden, grant, limits.agent);
      remember(warden, { target, prepared, grant, expiresAt: limits.expiresAt });
      const delivery = await withTimeout(
        MINT_SECONDS,
        target.mint(prepared, { ...limits, grantId: grant.id, targetId: grant.targetId }),
      );
      // Another warden may have ended it meanwhile, and proven it dead before it was born; somebody may have frozen everything.
      await refuseOver(warden, grant, limits.agent).catch(async (error: unknown) => {
        await target.end(prepared.reference);
        throw error;
      });
      return delivery;
    });
  } catch (error) {
    warden.log.warn({ err: error, grantId: grant.id }, 'minting failed');
    await voidGrant(warden, grant.id, null);
    throw explained(error);
  }
}

/** In the ledger before it exists: from then on it ends in time, whatever happens to the database (P5). */
function remember(
  { vault }: Warden,
  { target, prepared, grant, expiresAt }: Pick<Minting, 'target' | 'prepared' | 'grant' | 'expiresAt'>,
): void {
  const way = target.way();
  if (way === null) return;
  const { reference, secret } = prepared;
  const sealed = vault.seal(grant.id, JSON.stringify({ way, secret }));
  vault.live.begun({ grantId: grant.id, targetId: grant.targetId, reference, until: expiresAt, sealed });
}

/** Its time too: once that is over the ledger has no line for it any more, and nobody would end it. */
async function refuseOver(warden: Warden, { id }: Pick<Grant, 'id'>, agent: AgentFacts): Promise<void> {
  const [live, current] = await Promise.all([isLive(warden, id), warden.authority.current(warden.db)]);
  if (await frozen(warden, current)) refuseFrozen();
  if (!live) refuse('gone', 'This grant was ended while its credential was being made. File a new request.');
  await recheckAgent(warden.db, warden, agent);
}

/** The agent learns what to do next; what was half made is being removed. */
function explained(error: unknown): DomainError {
  const known =
    error instanceof DomainError
      ? error
      : new DomainError('unavailable', 'The credential could not be made.', { cause: error });
  return new DomainError(
    known.code,
    `${known.message} The grant is voided and being cleaned up. File the request again.`,
    { cause: error },
  );
}
