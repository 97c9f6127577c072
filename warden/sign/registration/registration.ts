import { z } from 'zod';
import { addSeconds, canonicalText, fromBase64url, newId, parseStrictJson, randomToken, refuse } from '#lib/core';
import type { Tx } from '#lib/db';
import { Genesis, KeyFacts, type Registration, registrationOptions, verifyRegistration } from '#lib/statement';
import { visible } from '#lib/text';
import type { SignWarden, Warden } from '../../context';
import { useDraft } from '../signing/draft';

const REGISTRATION_SECONDS = 300;

/** Whom a key is registered for. */
export const Person = Genesis.shape.human;
export type Person = z.infer<typeof Person>;

/** What a person types of themselves. Nothing in it may hide or reorder (T20). */
const plain = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => visible(text) === text, 'It contains characters that cannot be seen.');
export const PersonName = plain(80);
export const KeyLabel = plain(60);

/** Which ceremony a registration belongs to: one cannot be finished as another (T6). */
export type Purpose = 'register.setup' | 'register.invite' | 'register.enroll' | 'register.recover';

/** A fresh challenge for `navigator.credentials.create`, good once and for five minutes. */
export async function beginRegistration(
  warden: Warden,
  now: Date,
  purpose: Purpose,
  { person, exclude }: { readonly person: Person; readonly exclude: readonly string[] },
) {
  const id = newId('drf');
  const nonce = randomToken(32);
  await warden.db.draft.create({
    data: {
      id,
      nonce,
      humanId: person.id,
      keyId: newId('key'),
      kind: purpose,
      statement: canonicalText(person),
      createdAt: now,
      expiresAt: addSeconds(now, REGISTRATION_SECONDS),
    },
  });
  const options = await registrationOptions({
    relyingParty: warden.signing,
    challenge: bytes(nonce),
    human: person,
    exclude,
  });
  return { draft: id, options };
}

export interface Registered {
  readonly person: Person;
  readonly enrolled: KeyFacts;
  /** Why nobody proved that the key is hardware; null where its maker did. */
  readonly unproven: string | null;
  readonly found: { readonly transports: string[]; readonly counter: bigint };
}

/** Uses up the challenge and verifies the key, in the caller's transaction. */
export async function finishRegistration(
  tx: Tx,
  now: Date,
  warden: SignWarden,
  input: {
    readonly draft: string;
    readonly purpose: Purpose;
    readonly registration: Registration;
    readonly label: string;
  },
): Promise<Registered> {
  const draft = await tx.draft.findUnique({ where: { id: input.draft } });
  if (draft?.kind !== input.purpose) return refuse('draft_stale', 'This took longer than five minutes. Start again.');
  await useDraft(tx, now, draft.id);
  const { transports, counter, unproven, ...key } = await verifyRegistration({
    registration: input.registration,
    challenge: bytes(draft.nonce),
    relyingParty: warden.signing,
    makers: warden.makers.current(),
    now,
  });
  const person = Person.parse(parseStrictJson(draft.statement));
  return {
    person,
    enrolled: KeyFacts.parse({ id: draft.keyId, ...key, label: input.label }),
    found: { transports, counter },
    unproven,
  };
}

const bytes = (nonce: string): Uint8Array =>
  fromBase64url(nonce) ?? refuse('draft_stale', 'This took longer than five minutes. Start again.');

const Waiting = z.strictObject({ human: Person, enrolled: KeyFacts });
type Waiting = z.infer<typeof Waiting>;

/** Sealed, so that nobody who can write to the database swaps the key before an owner confirms it. */
export async function sealRegistration(tx: Tx, { vault }: Warden, waiting: Waiting): Promise<void> {
  await tx.sealed.create({
    data: { ownerId: waiting.enrolled.id, sealed: vault.seal(waiting.enrolled.id, canonicalText(waiting)) },
  });
}

/** What a waiting person registered, as it was then. The rows about it are not believed. */
export async function openRegistration({ db, vault }: Warden, humanId: string): Promise<Waiting> {
  const row = await db.key.findFirst({ where: { humanId, state: 'waiting' }, select: { id: true } });
  const sealed = row === null ? null : await db.sealed.findUnique({ where: { ownerId: row.id } });
  if (row === null || sealed === null) return refuse('not_found', 'Nobody waits here to be confirmed.');
  const waiting = Waiting.parse(parseStrictJson(vault.open(row.id, sealed.sealed)));
  if (waiting.human.id !== humanId) return refuse('not_found', 'Nobody waits here to be confirmed.');
  return waiting;
}
