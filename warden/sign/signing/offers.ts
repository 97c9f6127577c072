import type { SignedKey } from '#lib/authority';
import { refuse } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { challengeOf, type Statement } from '#lib/statement';
import type { Warden } from '../../context';
import { type Renewing, renewing } from '../target/renew';
import { refuseWrongApprover } from './approval';
import { envelope, type Offer, offer, openDraft, secretsOf, useDraft } from './draft';
import { allowed, humanFacts, propose } from './propose';
import { activeHuman, keysOf, type Look, openTicket, refuseNoOwner, strongestKey } from './ticket';

/** What to show for a ticket: a statement to sign, or which form to fill first. */
export type Shown =
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'recovery.stop' }
  | { readonly kind: 'key.enroll'; readonly name: string; readonly whose: string }
  | ({ readonly kind: 'target.renew' } & Renewing)
  | ({ readonly kind: 'target.add' } & Adding);

/** What is known before a target is typed. */
export interface Adding {
  /** A sample database waits. */
  readonly sample: boolean;
  /** The owner is the only one who could approve. */
  readonly alone: boolean;
  /** There is no agent yet: one is offered with the target. */
  readonly firstAgent: boolean;
}

export async function show(warden: Warden, ticket: string): Promise<Shown> {
  const { ask, ...look } = await openTicket(warden, ticket);
  if (ask.kind === 'key.enroll')
    return {
      kind: ask.kind,
      name: look.signer.name,
      whose: humanFacts(look, ask.params.humanId ?? look.signer.id).name,
    };
  if (ask.kind === 'target.renew') return { kind: ask.kind, ...(await renewing(warden, ticket)) };
  if (ask.kind === 'recovery.stop') return { kind: ask.kind };
  if (ask.kind === 'target.add') {
    refuseNoOwner(look);
    const firstAgent = look.authority.agents.size === 0;
    return { kind: ask.kind, sample: warden.sampleFile !== null, alone: isAlone(look), firstAgent };
  }
  return { kind: 'offer', offer: await offer(look, await propose(look, strongestKey(look), ask)) };
}

/** The only one who could approve anything here. */
function isAlone({ authority, signer }: Look): boolean {
  return [...authority.humans.values()].every(
    ({ id, active, role }) => id === signer.id || !active || role === 'reviewer',
  );
}

/**
 * Offers the same statement for another key of the same person, with a new nonce
 * and a new five minutes. `challenge` is the hash of the bytes that the page has
 * shown. A draft is a row: whoever writes to the database could change it
 * meanwhile, and it would be shown as if the warden had found it (P3, T1).
 */
export async function rekey(
  warden: Warden,
  input: { readonly draft: string; readonly keyId: string; readonly challenge: readonly number[] },
): Promise<Offer> {
  const { draft, statement } = await openDraft(warden, input.draft);
  if (!challengeOf(draft.statement).every((byte, index) => byte === input.challenge[index]))
    refuse('draft_stale', 'This is not the statement that was shown. Review again.');
  const authority = await warden.authority.current(warden.db);
  const look = { warden, authority, now: await databaseNow(warden.db), signer: activeHuman(authority, draft.humanId) };
  const key =
    keysOf(authority, look.signer.id).find(({ id }) => id === input.keyId) ??
    refuse('not_allowed', 'That is no active key of yours.');
  const secrets = secretsOf(warden, draft);
  const again = await withKey(look, key, statement);
  // One draft at a time holds the secrets: what was signed and shown is in no other.
  await transact(warden.db, (tx, now) => useDraft(tx, now, draft.id));
  return offer(look, { statement: again, sealed: draft.sealed, ...secrets });
}

async function withKey(look: Look, key: SignedKey, statement: Statement): Promise<Statement> {
  const { prev, ...head } = await envelope(look, key);
  if (statement.kind !== 'request.approve') return allowed(look, { ...statement, ...head, prev });
  refuseWrongApprover(look.authority, statement.request, statement.preview, {
    humanId: look.signer.id,
    keyId: key.id,
  });
  return { ...statement, ...head };
}
