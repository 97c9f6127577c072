import { isUtf8 } from 'node:buffer';
import { type Json, parseStrictJson } from '#lib/core';

/** More than any token of ours or any proof has; what is longer is not decoded. */
const MAX_LENGTH = 8_192;

/** A JWS in compact form (RFC 7515 §3.1), read and not yet verified. */
export interface Compact {
  /** Base64url, as it came. */
  readonly header: string;
  readonly payload: string;
  /** What the signature covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Splits a token into its three parts, or null. Every part must be in its one
 * spelling: a decoder that forgives padding, white space or unused bits would
 * let a token that was refused under one spelling back in under another (T25).
 */
export function readCompact(text: string): Compact | null {
  if (text.length > MAX_LENGTH) return null;
  const parts = text.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || !parts.every(isSpelledOnce)) return null;
  const signed = Buffer.from(text.slice(0, -signature.length - 1), 'ascii');
  return { header, payload, signed, signature: Buffer.from(signature, 'base64url') };
}

/** Base64url without padding, the bits that belong to no byte zero (RFC 4648 §3.5). By pattern: these run on every call. */
const ONE_SPELLING = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

const isSpelledOnce = (part: string): boolean => part !== '' && ONE_SPELLING.test(part);

/** The JSON object in a part, or null where there is none that every parser reads alike (T22). */
export function objectIn(part: string): { readonly [name: string]: Json } | null {
  const bytes = Buffer.from(part, 'base64url');
  if (!isUtf8(bytes)) return null;
  const value = jsonIn(bytes.toString('utf8'));
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : null;
}

function jsonIn(text: string): Json {
  try {
    return parseStrictJson(text);
  } catch {
    return null;
  }
}
