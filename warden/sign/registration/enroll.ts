import { refuse } from '#lib/core';
import { transact } from '#lib/db';
import type { Registration } from '#lib/statement';
import type { SignWarden, Warden } from '../../context';
import { envelope, type Offer, offer } from '../signing/draft';
import { allowed, humanFacts } from '../signing/propose';
import { keysOf, type Look, openTicket, strongestKey } from '../signing/ticket';
import { beginRegistration, finishRegistration } from './registration';

/** First half of a further key: a challenge that the person's present keys refuse to answer. */
export async function beginEnroll(warden: Warden, { ticket }: { readonly ticket: string }) {
  const look = await enrolling(warden, ticket);
  const exclude = keysOf(look.authority, look.humanId).map(({ credentialId }) => credentialId);
  return beginRegistration(warden, look.now, 'register.enroll', { person: humanFacts(look, look.humanId), exclude });
}

/** Second half: nothing is enrolled yet. A key the person has already must sign for the new one, or an owner's (T13). */
export async function finishEnroll(
  warden: SignWarden,
  input: {
    readonly ticket: string;
    readonly draft: string;
    readonly registration: Registration;
    readonly label: string;
  },
): Promise<Offer> {
  const look = await enrolling(warden, input.ticket);
  const { person, enrolled, unproven } = await transact(warden.db, (tx, now) =>
    finishRegistration(tx, now, warden, { ...input, purpose: 'register.enroll' }),
  );
  if (person.id !== look.humanId) refuse('draft_stale', 'Start again from the console.');
  const key = strongestKey(look);
  const statement = {
    ...(await envelope(look, key)),
    kind: 'key.enroll' as const,
    human: humanFacts(look, look.humanId),
    enrolled,
  };
  const why = unproven === null ? '' : `${unproven} `;
  return { ...(await offer(look, { statement: allowed(look, statement) })), note: `${why}${warden.makers.words()}` };
}

/** Whose key it is to be: the signer's own, or the one's whom the ticket names. */
async function enrolling(warden: Warden, ticket: string): Promise<Look & { readonly humanId: string }> {
  const { ask, ...look } = await openTicket(warden, ticket);
  if (ask.kind !== 'key.enroll') return refuse('gone', 'This link is for something else. Go back to the console.');
  return { ...look, humanId: ask.params.humanId ?? look.signer.id };
}
