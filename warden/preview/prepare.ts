import type { SignedTarget } from '#lib/authority';
import { DomainError, refuse } from '#lib/core';
import { type Request, transact } from '#lib/db';
import { requirementsOf } from '#lib/policy';
import { withTimeout } from '#lib/process';
import { askOf, markPrepared, refusePrepared } from '#lib/requests';
import type { Preview } from '#lib/statement';
import { type Ask, checkAsk, isUpstream } from '#lib/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';
import { prepareUnknown, unknownPreview } from './looks';
import { sealPreview } from './seal';

const PATIENCE_SECONDS = 60;

/**
 * Finds out what a request would do, and lets people decide on it. Denied here is
 * only what follows from the request and the target's catalogue. What rests on
 * more waits, blocked, for a person to see why and to deny it: a denial would tell
 * the agent what it may not read (P1). Throws `target_unreachable`, `minting_stopped`
 * or a database's error where it is only too early to say.
 */
export async function prepare(warden: Warden, request: Request): Promise<void> {
  try {
    const provider = await providerOf(warden, request);
    if (provider !== null) return await prepareUnknown(warden, request, provider);
    const { signed, ask, preview } = await look(warden, request);
    const { danger } = requirementsOf(signed.config, ask, preview);
    const found = { preview, seal: sealPreview(warden.vault, request, preview), danger, by: 'warden' as const };
    await transact(warden.db, (tx, now) => markPrepared(tx, now, request.id, found));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (isOfRequest(error))
      await transact(warden.db, (tx, now) => refusePrepared(tx, now, request.id, reasonOf(error)));
    else if (isFinal(error)) await block(warden, request, reasonOf(error));
    else throw error;
  }
}

/** For people to see and to deny. */
async function block(warden: Warden, request: Request, reason: string): Promise<void> {
  const { targets } = await warden.authority.current(warden.db);
  const { config } = targets.get(request.targetId) ?? refuse('unavailable', 'The target went away meanwhile.');
  const ask = askOf(request);
  const preview = { ...unknownPreview(config.name, ask, UNKNOWN), blocked: reason };
  const { danger } = requirementsOf(config, ask, preview);
  const found = { preview, seal: sealPreview(warden.vault, request, preview), danger, by: 'warden' as const };
  await transact(warden.db, (tx, now) => markPrepared(tx, now, request.id, found));
}

const UNKNOWN = 'UNKNOWN: it could not be found out what this would touch.';

/** The provider a request is for, which the gateway looks at; null for a target that the warden looks at itself. */
async function providerOf({ authority, db }: Warden, { targetId }: Request): Promise<SignedTarget | null> {
  const signed = (await authority.current(db)).targets.get(targetId);
  return signed?.active && isUpstream(signed.config) ? signed : null;
}

/** By the target as its owner signed it; the row may say what it likes. */
async function look(warden: Warden, request: Request): Promise<{ signed: SignedTarget; ask: Ask; preview: Preview }> {
  const { targets } = await warden.authority.current(warden.db);
  const signed = targets.get(request.targetId);
  if (!signed?.active) return refuse('invalid_request', 'There is no such target any more.');
  const ask = readAsk(request);
  checkAsk(signed.config, ask);
  const target = await openTarget(warden, signed);
  return { signed, ask, preview: await withTimeout(PATIENCE_SECONDS, target.preview(ask, request.id)) };
}

function readAsk(request: Request): Ask {
  try {
    return askOf(request);
  } catch (cause) {
    return refuse('invalid_request', 'The stored request cannot be read.', { cause });
  }
}

/** Follows from the request, the signed target and the catalogue: the agent may be told. */
const isOfRequest = ({ code }: DomainError): boolean => code === 'invalid_request' || code === 'not_allowed';

/** The target has spoken: asking again would not help. */
const isFinal = ({ code }: DomainError): boolean => code === 'target_refused' || code === 'conflict';

const reasonOf = ({ message, errors }: DomainError): string =>
  [message, ...errors.map(({ pointer, detail }) => `${pointer}: ${detail}`)].join(' ').slice(0, 1_000);
