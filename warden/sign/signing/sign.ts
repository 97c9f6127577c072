import { recordApproval, verifyApproval } from '#lib/approvals';
import type { Authority, SignedKey } from '#lib/authority';
import { DomainError, refuse, sha256Base64url } from '#lib/core';
import { type Draft, type Prisma, type Tx, transactBriefly } from '#lib/db';
import { isAgent } from '#lib/identity';
import {
  type ApproveStatement,
  type Assertion,
  type ChainStatement,
  challengeOf,
  countedBack,
  type Statement,
  verifyAssertion,
} from '#lib/statement';
import { countingAgent } from '#warden/authority';
import { appendEntry, followNow, retireKey } from '#warden/changes';
import { lastThaw } from '#warden/freeze';
import { withMutex } from '#warden/pulse';
import type { SignWarden, Warden } from '../../context';
import { AGENT_OFF, refuseWhileFrozen, refuseWrongApprover } from './approval';
import { openDraft, type Secrets, secretsOf, useDraft } from './draft';
import { activeHuman } from './ticket';

/** What came of a signature. */
export interface Signed {
  readonly done: Statement['kind'];
  /** Secrets that the warden made for this: told once and kept nowhere. */
  readonly secrets?: Secrets;
}

/**
 * Takes a signed draft: one use, a known key, the very bytes that were shown,
 * the rules as of now; then the act and its record in one transaction. Throws
 * `statement_refused` for whatever is wrong with the signature.
 */
export async function sign(
  warden: SignWarden,
  input: { readonly draft: string; readonly assertion: Assertion },
): Promise<Signed> {
  const { draft, statement } = await openDraft(warden, input.draft);
  const { assertion } = input;
  // Opened before anything is done: what does not open is not made known too late.
  const secrets = secretsOf(warden, draft);
  await withMutex(statement.key.id, () => take(warden, { draft, statement, assertion }));
  if (statement.kind !== 'request.approve') await followNow(warden);
  return { done: statement.kind, ...secrets };
}

/** One signature of a key at a time: the second is held against the counter of the first. */
function take(warden: SignWarden, signed: Signature): Promise<void> {
  const { draft, statement } = signed;
  // Once: an attempt that the server undid is made again, with the same counter.
  const counted = warden.signVault.counters.of(statement.key.id);
  return retiringCopies(warden, signed, async (tx, now) => {
    await useDraft(tx, now, draft.id);
    const authority = await warden.authority.current(tx);
    await verifyDraft(tx, now, warden, { ...signed, authority, counted });
    if (statement.kind !== 'request.approve') return change(tx, now, warden, { ...signed, authority, statement });
    const grantId = await approve(tx, now, warden, { ...signed, authority, statement });
    // Before there is a grant that somebody could write another request into.
    if (grantId !== null) warden.vault.granted.set(grantId, statement.request.id);
  });
}

/** A signature that is right, with a counter that did not move on, is a copied key's: nothing it signs counts from now on (T12). */
async function retiringCopies<T>(
  warden: SignWarden,
  { draft, statement: { key } }: Signature,
  act: (tx: Tx, now: Date) => Promise<T>,
): Promise<T> {
  const { counters } = warden.signVault;
  try {
    return await transactBriefly(warden.db, act, { waitMs: LOCK_WAIT_MS });
  } catch (error) {
    const counter = error instanceof DomainError ? countedBack(error) : null;
    // By what the warden saw itself: whoever writes a higher counter into the key's row, or sends a signature again, retires nobody's.
    const isCopys = counter !== null && counter <= counters.of(key.id) && !counters.hasSeen(draft.id);
    if (isCopys) await retireKey(warden, key.id, COPIED);
    throw error;
  }
}

const COPIED = 'it did not count on when it signed, so somebody may have a copy of it.';

/** Whoever holds a row locked keeps the signer no longer than this, and nobody else who signs. */
const LOCK_WAIT_MS = 2_000;

interface Signature<S extends Statement = Statement> {
  readonly draft: Draft;
  readonly statement: S;
  readonly assertion: Assertion;
}

interface Submitted<S extends Statement = Statement> extends Signature<S> {
  readonly authority: Authority;
}

/** The signature over the draft's bytes, by a key of the chain, with a counter that has moved (T12). */
async function verifyDraft(
  tx: Tx,
  now: Date,
  { signing, signVault }: SignWarden,
  { authority, draft, statement, assertion, counted }: Submitted & { readonly counted: bigint },
): Promise<void> {
  const key = signersKey(authority, statement);
  const row = await tx.key.findUnique({ where: { id: key.id }, select: { counter: true } });
  const inRow = row?.counter ?? 0n;
  const { counter } = await verifyAssertion({
    assertion,
    authenticator: { ...key, counter: inRow > counted ? inRow : counted },
    challenge: challengeOf(draft.statement),
    relyingParty: signing,
  });
  signVault.counters.note(key.id, counter, draft.id);
  await tx.key.updateMany({ where: { id: key.id }, data: { counter, lastUsedAt: now } });
}

function signersKey(authority: Authority, { approver, key: { id } }: Statement): SignedKey {
  const human = activeHuman(authority, approver.id);
  const key = authority.keys.get(id);
  return key?.active && key.humanId === human.id ? key : refuse('not_allowed', 'This key is not active any more.');
}

/** The rules once more, and then the very check that minting will make: what it would refuse is not recorded. */
async function approve(
  tx: Tx,
  now: Date,
  warden: Warden,
  { authority, draft, statement, assertion }: Submitted<ApproveStatement>,
): Promise<string | null> {
  const { humanId, keyId, nonce } = draft;
  await refuseWhileFrozen({ db: tx, vault: warden.vault }, authority);
  if (new Date(statement.issuedAt) <= lastThaw(authority))
    refuse(
      'draft_stale',
      'Everything was frozen after this was shown, so it does not count any more. Review it again.',
    );
  refuseWrongApprover(authority, statement.request, statement.preview, { humanId, keyId });
  const { agent: signed } = statement.request;
  const agent = await countingAgent({ db: tx, vault: warden.vault }, authority, signed.id);
  if (agent === null || !isAgent(agent, { ...signed, tokenHash: signed.tokenThumbprint }))
    refuse('not_allowed', AGENT_OFF);
  const row = {
    humanId,
    keyId,
    nonce,
    requestId: statement.request.id,
    statement: draft.statement,
    assertion: assertion as unknown as Prisma.JsonObject,
  };
  await verifyApproval(row, authority, warden.signing);
  return (await recordApproval(tx, now, { statement, bytes: draft.statement, assertion })).grantId;
}

async function change(
  tx: Tx,
  now: Date,
  warden: Warden,
  { authority, draft, statement, assertion }: Submitted<ChainStatement>,
): Promise<void> {
  const stored =
    statement.kind === 'target.renew' || (statement.kind === 'target.add' && statement.target.kind !== 'token')
      ? draft.sealed
      : null;
  if (stored !== null) warden.vault.ciphertexts.set(sha256Base64url(stored), stored);
  await appendEntry(
    tx,
    now,
    { statement, bytes: draft.statement, assertion, sealed: stored },
    { authority, verifier: warden.signing },
  );
}
