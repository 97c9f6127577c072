import type { Authority, SignedHuman, SignedKey } from '#lib/authority';
import { refuse, sha256Base64url } from '#lib/core';
import { databaseNow } from '#lib/db';
import { TicketAsk } from '#lib/identity';
import type { Warden } from '../../context';

/** Who looks, at what, under which authority, and when. */
export interface Look {
  readonly warden: Warden;
  readonly authority: Authority;
  readonly now: Date;
  readonly signer: SignedHuman;
}

/**
 * What a console session wants this person to see. A stolen or forged ticket
 * shows somebody something; it cannot sign. Throws `gone` once it is over.
 */
export async function openTicket(warden: Warden, token: string): Promise<Look & { readonly ask: TicketAsk }> {
  const row = await warden.db.ticket.findUnique({ where: { tokenHash: sha256Base64url(token) } });
  const now = await databaseNow(warden.db);
  if (row === null || row.expiresAt <= now)
    return refuse('gone', 'This link is over: it works for ten minutes. Go back to the console and open it again.');
  const ask = TicketAsk.safeParse({ kind: row.kind, params: row.params });
  if (!ask.success) return refuse('gone', 'This link asks for something this version does not know.');
  const authority = await warden.authority.current(warden.db);
  return { warden, authority, now, signer: activeHuman(authority, row.humanId), ask: ask.data };
}

/** The person as the chain knows them, or a refusal. */
export function activeHuman(authority: Authority, humanId: string): SignedHuman {
  const human = authority.humans.get(humanId);
  return human?.active
    ? human
    : refuse('not_allowed', 'You are not an active person here. An owner has to confirm you first.');
}

const STRENGTH = { attested: 0, claimed: 1, synced: 2 } as const;

/** A person's active keys, strongest first. */
export function keysOf(authority: Authority, humanId: string): readonly SignedKey[] {
  return [...authority.keys.values()]
    .filter((key) => key.humanId === humanId && key.active)
    .sort((a, b) => STRENGTH[a.class] - STRENGTH[b.class]);
}

/** For what only an owner may even begin. */
export function refuseNoOwner({ signer }: Look): void {
  if (signer.role !== 'owner') refuse('not_allowed', 'Only an owner may add a target.');
}

/** The best key this person could sign with. */
export function strongestKey({ authority, signer }: Look): SignedKey {
  return keysOf(authority, signer.id)[0] ?? refuse('not_allowed', 'You have no active key here.');
}
