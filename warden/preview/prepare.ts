import type { SignedAgent, SignedTarget } from '#lib/authority';
import { DomainError, inFull, isFinal, isOfAsk, refuse } from '#lib/core';
import { type Request, transact } from '#lib/db';
import { requirementsOf } from '#lib/policy';
import { withTimeout } from '#lib/process';
import { askOf, markPrepared, refusePrepared } from '#lib/requests';
import type { Preview } from '#lib/statement';
import { type Ask, checkAsk, isUpstream } from '#lib/targets';
import { openTarget, type Target } from '#warden/targets';
import type { Warden } from '../context';
import { prepareUnknown, UNKNOWN, unknownPreview } from './looks';
import { askerOf, sealPreview } from './seal';

const PATIENCE_SECONDS = 60;

/** Runs work when it is its agent's turn at the target. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Finds out what a request would do, and lets people decide on it. Denied here is
 * only what follows from the request and the target's catalogue, at once and out
 * of turn. Whatever looking brings up blocks the request, for a person to see why
 * and to deny it: that it was denied, and when, would tell the agent what it may
 * not read (P1, T79). Throws `target_unreachable`, `minting_stopped` or a
 * database's error where it is only too early to say.
 */
export async function prepare(warden: Warden, request: Request, inTurn: InTurn): Promise<void> {
  const provider = await providerOf(warden, request);
  if (provider !== null) return prepareUnknown(warden, request, provider);
  const denial = await denialOf(warden, request);
  if (denial !== null) {
    await transact(warden.db, (tx, now) => refusePrepared(tx, now, request.id, denial));
    return;
  }
  const { signed, ask, asker, target } = await openFor(warden, request);
  const preview = await inTurn(() => withTimeout(PATIENCE_SECONDS, target.preview(ask, request.id))).catch(
    (error: unknown) => blockedBy(error, unknownPreview(signed.config.name, ask, UNKNOWN)),
  );
  const { danger } = requirementsOf(signed.config, ask, preview);
  const found = { preview, seal: sealPreview(warden.vault, request, asker, preview), danger, by: 'warden' as const };
  await transact(warden.db, (tx, now) => markPrepared(tx, now, request.id, found));
}

/** The provider a request is for, which the gateway looks at; null for a target that the warden looks at itself. */
async function providerOf({ authority, db }: Warden, { targetId }: Request): Promise<SignedTarget | null> {
  const signed = (await authority.current(db)).targets.get(targetId);
  return signed?.active && isUpstream(signed.config) ? signed : null;
}

/** Why the request is refused as it stands; null where that takes a look. Reads no row of the target's. */
async function denialOf(warden: Warden, request: Request): Promise<string | null> {
  try {
    const { ask, target } = await openFor(warden, request);
    await target.check(ask);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError) || !isFinal(error)) throw error;
    return isOfAsk(error) ? inFull(error) : null;
  }
}

/** By the target and the agent as keys signed for them; the rows may say what they like. */
async function openFor(
  warden: Warden,
  request: Request,
): Promise<{ signed: SignedTarget; ask: Ask; asker: SignedAgent; target: Target }> {
  const authority = await warden.authority.current(warden.db);
  const asker = askerOf(authority, request);
  const signed = authority.targets.get(request.targetId);
  if (!signed?.active) return refuse('invalid_request', 'There is no such target any more.');
  const ask = readAsk(request);
  checkAsk(signed.config, ask);
  return { signed, ask, asker, target: await openTarget(warden, signed) };
}

function readAsk(request: Request): Ask {
  try {
    return askOf(request);
  } catch (cause) {
    return refuse('invalid_request', 'The stored request cannot be read.', { cause });
  }
}

/** What kept it from being found out, for people to see and to deny. */
function blockedBy(error: unknown, preview: Preview): Preview {
  if (!(error instanceof DomainError) || !isFinal(error)) throw error;
  return { ...preview, blocked: inFull(error) };
}
