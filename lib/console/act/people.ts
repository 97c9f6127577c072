import { iso, refuse } from '#lib/core';
import { transact } from '#lib/db';
import {
  endSession,
  invite,
  issueTicket,
  mayAskFor,
  type NewInvitation,
  type TicketAsk,
  withdrawInvitation,
} from '#lib/identity';
import type { Viewer } from '#lib/views';
import { web } from '../web';

const ownersOnly = ({ role }: Viewer): void => {
  if (role !== 'owner') refuse('forbidden', 'Only owners do this.');
};

/** Invites somebody by a link that works once, for 24 hours. The code stands in its fragment, which no browser sends and no server logs (T35). */
export async function invitePerson(
  viewer: Viewer,
  input: NewInvitation,
): Promise<{ id: string; url: string; expiresAt: string }> {
  ownersOnly(viewer);
  const { db, env } = web();
  const { id, code, expiresAt } = await transact(db, (tx, now) => invite(tx, now, viewer.id, input));
  return { id, url: `${env.signOrigin}/invite#${code}`, expiresAt: iso(expiresAt) };
}

export async function withdrawPerson(viewer: Viewer, invitationId: string): Promise<{ id: string }> {
  ownersOnly(viewer);
  await transact(web().db, (tx, now) => withdrawInvitation(tx, now, viewer.id, invitationId));
  return { id: invitationId };
}

const PAGES: { readonly [kind in TicketAsk['kind']]?: string } = {
  'target.add': '/target',
  'target.renew': '/target',
  'key.enroll': '/enroll',
  'recovery.stop': '/recover',
};

/**
 * Makes a link to the signing page for one act, good for ten minutes. Its holder
 * may look; signing takes the key. It is built from the configured origin and
 * from no header (T19).
 */
export async function ticketFor(viewer: Viewer, ask: TicketAsk): Promise<{ url: string }> {
  const forAnother = ask.kind === 'key.enroll' && ![undefined, viewer.id].includes(ask.params.humanId);
  if (!mayAskFor(viewer.role, ask.kind) || (forAnother && viewer.role !== 'owner'))
    refuse('forbidden', 'Your role cannot sign this.');
  const { db, env } = web();
  const token = await transact(db, async (tx, now) => {
    if (ask.kind === 'request.approve') {
      const request = await tx.request.findUnique({ where: { id: ask.params.requestId }, select: { id: true } });
      if (request === null) refuse('not_found', 'There is no such request.');
    }
    return issueTicket(tx, now, viewer.id, ask);
  });
  return { url: `${env.signOrigin}${PAGES[ask.kind] ?? '/review'}#${token}` };
}

/** Ends one of the viewer's own sessions; throws `not_found` for another person's. */
export async function endOwnSession(viewer: Viewer, sessionId: string): Promise<{ id: string }> {
  const ended = await transact(web().db, (tx, now) => endSession(tx, now, { sessionId, humanId: viewer.id }));
  if (!ended) refuse('not_found', 'There is no such session.');
  return { id: sessionId };
}
