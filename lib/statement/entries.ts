import { type CanonicalJson, canonicalText, type Json, sha256Base64url } from '#lib/core';
import { openAs } from './bytes';
import { Entry, Renewal } from './kinds';

/** Writes the text of what an agent's own key signs for. */
export const sealRenewal = (renewal: Renewal): CanonicalJson => canonicalText(Renewal.parse(renewal) as Json);

/** The nonce that a proof has to hold so that it agrees to just this: under a tag of its own, as people's keys sign under another. */
export const renewalNonce = (text: string): string => sha256Base64url(`countersign/renewal/v1\n${text}`);

/** Reads an entry of the chain but for the first. Throws `statement_refused` as `openStatement` does. */
export const openEntry = (text: string): Entry => openAs(Entry, text);

/** Reads a renewal. Throws `statement_refused` as `openStatement` does. */
export const openRenewal = (text: string): Renewal => openAs(Renewal, text);
