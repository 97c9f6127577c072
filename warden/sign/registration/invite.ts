import { append } from '#lib/audit';
import { newId, refuse, sha256Base64url } from '#lib/core';
import { type Db, databaseNow, type Invitation, type Tx, transact } from '#lib/db';
import type { Registration } from '#lib/statement';
import type { SignWarden, Warden } from '../../context';
import { beginRegistration, finishRegistration, Person, type Registered, sealRegistration } from './registration';
import { describeKey, type KeyMade } from './setup';

/** First half: whom the link invites, and a challenge for a key of their own. */
export async function beginInvite(warden: Warden, { code }: { readonly code: string }) {
  await warden.authority.current(warden.db);
  const now = await databaseNow(warden.db);
  const { name, email, role } = await openInvitation(warden.db, now, code);
  const person = Person.parse({ id: newId('hum'), name, email, role });
  return { name, email, role, ...(await beginRegistration(warden, now, 'register.invite', { person, exclude: [] })) };
}

/** Second half: the person and their key wait for an owner's key. Until then they count for nothing. */
export async function finishInvite(
  warden: SignWarden,
  input: { readonly code: string; readonly draft: string; readonly registration: Registration; readonly label: string },
): Promise<KeyMade> {
  const made = await transact(warden.db, async (tx, now) => {
    const invitation = await openInvitation(tx, now, input.code);
    const registered = await finishRegistration(tx, now, warden, { ...input, purpose: 'register.invite' });
    if (registered.person.email !== invitation.email) refuse('draft_stale', 'Start again from the link you were sent.');
    await useInvitation(tx, now, invitation, registered.person.id);
    await storeWaiting(tx, now, warden, registered);
    return registered;
  });
  const { enrolled, unproven } = made;
  const { acceptsClaimed } = await warden.authority.current(warden.db);
  return { ...describeKey(warden, enrolled), unproven, acceptsClaimed, recoveryCode: null, back: warden.origins.web };
}

async function openInvitation(db: Db | Tx, now: Date, code: string): Promise<Invitation> {
  const invitation = await db.invitation.findUnique({ where: { codeHash: sha256Base64url(code) } });
  if (invitation === null || invitation.usedAt !== null || invitation.expiresAt <= now) {
    return refuse('gone', 'This invitation was used already, withdrawn, or is older than a day. Ask for another.');
  }
  return invitation;
}

async function useInvitation(tx: Tx, now: Date, { id }: Invitation, humanId: string): Promise<void> {
  const { count } = await tx.invitation.updateMany({
    where: { id, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now, humanId },
  });
  if (count !== 1) refuse('gone', 'This invitation was used already.');
}

async function storeWaiting(tx: Tx, now: Date, warden: Warden, { person, enrolled, found }: Registered): Promise<void> {
  await tx.human.create({ data: { ...person, state: 'waiting', createdAt: now } });
  await tx.key.create({ data: { ...enrolled, ...found, humanId: person.id, state: 'waiting', createdAt: now } });
  await sealRegistration(tx, warden, { human: person, enrolled });
  const data = { name: person.name, role: person.role, keyId: enrolled.id, keyClass: enrolled.class };
  await append(tx, { kind: 'human.registered', actor: person.id, at: now, humanId: person.id, data });
}
