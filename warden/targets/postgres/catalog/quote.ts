import pg from 'pg';
import { newId, randomToken, refuse } from '#lib/core';

/** The only way a name gets into SQL (T40). PostgreSQL would cut a longer one, and then it is another's. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > 63)
    refuse('invalid_request', 'Not a name PostgreSQL can hold.');
  return pg.escapeIdentifier(name);
}

/** The only way a text gets into SQL where no parameter can stand. */
export function literal(text: string): string {
  if (text.includes('\0')) refuse('invalid_request', 'PostgreSQL text cannot hold a NUL character.');
  return pg.escapeLiteral(text);
}

export const qualified = (object: { readonly schema: string; readonly name: string }): string =>
  `${identifier(object.schema)}.${identifier(object.name)}`;

const GRANT_ROLE = /^cs_grn_[0-9a-z]{20}$/;
const PREVIEW_ROLE = /^cs_prv_[0-9a-z]{20}$/;

/** Role names are made here and nowhere else (T40). */
export function grantRole(grantId: string): string {
  if (!/^grn_[0-9a-z]{20}$/.test(grantId)) refuse('invalid_request', 'Not the id of a grant.');
  return `cs_${grantId}`;
}

export const previewRole = (): string => `cs_prv_${newId('grn').slice('grn_'.length)}`;

/** ASCII, 256 bits. */
export const newPassword = (): string => randomToken(32);

/** A role that is ours to end: nothing else is ever altered or dropped. */
export function ownRole(reference: string): string {
  if (!GRANT_ROLE.test(reference) && !PREVIEW_ROLE.test(reference))
    refuse('invalid_request', 'Not a role that Countersign makes.');
  return reference;
}
