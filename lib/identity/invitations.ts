import { z } from 'zod';
import { append } from '#lib/audit';
import { addSeconds, iso, newId, randomToken, refuse, sha256Base64url } from '#lib/core';
import type { Tx } from '#lib/db';
import { visible } from '#lib/text';

const INVITATION_SECONDS = 24 * 3_600;

/** Whom to invite, and in which role. They have no rights before an owner's key admits them. */
export const NewInvitation = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .refine((name) => visible(name) === name, 'Contains characters that cannot be seen.'),
  email: z.email().max(200),
  role: z.enum(['owner', 'approver', 'reviewer']),
});
export type NewInvitation = z.infer<typeof NewInvitation>;

/** Invites somebody, with a code that works once within 24 hours. Only its hash is stored. */
export async function invite(
  tx: Tx,
  now: Date,
  invitedBy: string,
  input: NewInvitation,
): Promise<{ id: string; code: string; expiresAt: Date }> {
  const { name, email, role } = input;
  const known = await tx.$queryRaw<unknown[]>`SELECT 1 FROM humans WHERE lower(email) = lower(${email})`;
  if (known.length > 0) refuse('conflict', `Somebody with the address ${email} is here already.`);
  const id = newId('inv');
  const code = randomToken();
  const expiresAt = addSeconds(now, INVITATION_SECONDS);
  await tx.invitation.create({
    data: { id, codeHash: sha256Base64url(code), name, email, role, invitedBy, createdAt: now, expiresAt },
  });
  await append(tx, {
    kind: 'human.invited',
    actor: invitedBy,
    at: now,
    data: { invitationId: id, name, email, role, expiresAt: iso(expiresAt) },
  });
  return { id, code, expiresAt };
}

/** Withdraws an open invitation. Throws `not_found` where it was used or is over. */
export async function withdrawInvitation(tx: Tx, now: Date, by: string, id: string): Promise<void> {
  const { count } = await tx.invitation.updateMany({
    where: { id, usedAt: null, expiresAt: { gt: now } },
    data: { expiresAt: now },
  });
  if (count !== 1) refuse('not_found', 'There is no such open invitation.');
  await append(tx, { kind: 'human.invitation_withdrawn', actor: by, at: now, data: { invitationId: id } });
}
