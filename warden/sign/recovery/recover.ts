import { append } from '#lib/audit';
import type { Authority, SignedHuman, SignedKey } from '#lib/authority';
import { addSeconds, iso, parseStrictJson, refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { signRecord } from '#lib/records';
import { type Registration, sealStatement } from '#lib/statement';
import {
  appendEntry,
  followNow,
  type PendingRecovery,
  pendingRecovery,
  RECOVERY_SECONDS,
  recoveryAlarm,
  writeRecovery,
} from '#warden/changes';
import { clockHolds, readClock, withMutex } from '#warden/pulse';
import type { SignWarden, Warden } from '../../context';
import { beginRegistration, finishRegistration } from '../registration/registration';
import { envelope } from '../signing/draft';
import { allowed, humanFacts } from '../signing/propose';
import { activeHuman, openTicket } from '../signing/ticket';
import { type CodeKey, keyOf, readCode, signWith } from './code';

interface Recovering {
  readonly authority: Authority;
  readonly recovery: SignedKey;
  readonly signer: SignedHuman;
  readonly key: CodeKey;
  readonly now: Date;
}

const NO_CODE = 'That is no recovery code of this installation, or it was used.';

/** Throws `forbidden` unless the code is the one that the chain knows. */
async function open(warden: Warden, typed: string): Promise<Recovering> {
  const authority = await warden.authority.current(warden.db);
  const code = readCode(typed);
  const key = code === null ? null : keyOf(code);
  const { recovery } = authority;
  if (key === null || recovery === null || recovery.publicKey !== key.publicKey) return refuse('forbidden', NO_CODE);
  const signer = activeHuman(authority, recovery.humanId);
  return { authority, recovery, signer, key, now: await databaseNow(warden.db) };
}

const readyAt = ({ begunAt }: Pick<PendingRecovery, 'begunAt'>): Date =>
  addSeconds(new Date(begunAt), RECOVERY_SECONDS);

/** Where a recovery stands: a new key is to be registered, or one waits for its time, or its time has come. */
export async function beginRecovery(warden: SignWarden, { code }: { readonly code: string }) {
  const { authority, recovery, signer, now } = await open(warden, code);
  const pending = pendingRecovery(warden.signVault, recovery);
  if (pending !== null) return { name: signer.name, readyAt: iso(readyAt(pending)), ready: readyAt(pending) <= now };
  const person = humanFacts({ authority }, signer.id);
  const begun = await beginRegistration(warden, now, 'register.recover', { person, exclude: [] });
  return { name: signer.name, ...begun };
}

/** The new key waits, and everybody is told. Until its time it counts for nothing. */
export async function finishRecovery(
  warden: SignWarden,
  input: { readonly code: string; readonly draft: string; readonly registration: Registration; readonly label: string },
) {
  const { recovery, signer } = await open(warden, input.code);
  const at = await transact(warden.db, async (tx, now) => {
    const { person, enrolled } = await finishRegistration(tx, now, warden, { ...input, purpose: 'register.recover' });
    if (person.id !== signer.id) refuse('draft_stale', 'Start again.');
    const pending = { code: recovery.id, enrolled, begunAt: iso(now) };
    const data = { keyId: enrolled.id, keyClass: enrolled.class, readyAt: iso(readyAt(pending)) };
    await append(tx, { kind: 'recovery.begun', actor: signer.id, at: now, humanId: signer.id, data });
    if (pendingRecovery(warden.signVault, recovery) !== null) refuse('conflict', 'A new key waits already.');
    // Last, and whatever becomes of the record: everybody is told of what lies in the folder.
    writeRecovery(warden.signVault, pending);
    return readyAt(pending);
  });
  warden.alarms.raise('recovery_begun', recoveryAlarm(signer.name, at));
  return { name: signer.name, readyAt: iso(at), ready: false };
}

/** After the delay the code signs for the new key, once: it is used up by the entry it makes. */
export const completeRecovery = (warden: SignWarden, input: { readonly code: string }) =>
  withMutex(ONE_AT_A_TIME, () => complete(warden, input));

/** What is being stopped does not come to count meanwhile. */
const ONE_AT_A_TIME = 'recovery';

async function complete(warden: SignWarden, { code }: { readonly code: string }) {
  const { authority, recovery, signer, key, now } = await open(warden, code);
  const pending = pendingRecovery(warden.signVault, recovery);
  // By both clocks: whoever owns the database could have its clock say anything.
  const readsAlike = clockHolds(await readClock(warden.db));
  if (pending === null || !readsAlike || readyAt(pending) > now || readyAt(pending) > new Date())
    return refuse('not_allowed', 'Its time has not come yet.');
  const look = { warden, authority, now, signer };
  const human = humanFacts(look, signer.id);
  const head = await envelope(look, recovery);
  const statement = allowed(look, { ...head, kind: 'key.enroll' as const, human, enrolled: pending.enrolled });
  const bytes = sealStatement(statement);
  // The warden signs beside the code that the two days were kept: by itself the code writes no entry, whoever owns the tables.
  const { signature } = signRecord(warden.vault.signingKey, 'entry', parseStrictJson(bytes));
  const change = { statement, bytes, assertion: signWith(key, bytes, warden.signing), signature, sealed: null };
  const { signing, vault } = warden;
  await transact(warden.db, (tx, at) =>
    appendEntry(tx, at, change, { authority, verifier: { ...signing, warden: vault.publicKey } }),
  );
  await followNow(warden);
  writeRecovery(warden.signVault, null);
  warden.alarms.clear('recovery_begun');
  return { back: `${warden.origins.web}/sign-in` };
}

/** Stopping needs an owner's session and no key (P9). What waits never counts; the code begins another, with the same delay and the same alarm. */
export const stopRecovery = (warden: SignWarden, input: { readonly ticket: string }) =>
  withMutex(ONE_AT_A_TIME, () => stop(warden, input));

async function stop(warden: SignWarden, { ticket }: { readonly ticket: string }) {
  const { ask, authority, signer } = await openTicket(warden, ticket);
  if (ask.kind !== 'recovery.stop') return refuse('gone', 'This link is for something else. Go back to the console.');
  if (signer.role !== 'owner') refuse('not_allowed', 'Only an owner may stop it.');
  const { recovery } = authority;
  if (recovery === null || pendingRecovery(warden.signVault, recovery) === null)
    return refuse('not_found', 'Nothing waits on the recovery code.');
  writeRecovery(warden.signVault, null);
  const { humanId } = recovery;
  await transact(warden.db, (tx, now) => append(tx, { kind: 'recovery.stopped', actor: signer.id, at: now, humanId }));
  warden.alarms.clear('recovery_begun');
  return { back: `${warden.origins.web}/settings` };
}
