import { type KeyObject, sign } from 'node:crypto';
import type { z } from 'zod';
import { base64url, canonicalText, fromBase64url, type Json, parseStrictJson } from '#lib/core';
import { es256Holds } from '#lib/tokens';

/*
 * What one process tells another through rows that somebody else may write to:
 * canonical JSON (RFC 8785) with an ES256 signature over a tag and those bytes.
 */

/** What a record says. Each kind has a tag of its own, so that a signature for one never passes for another. */
export type RecordKind =
  | 'target'
  | 'agent'
  | 'rest'
  | 'entry'
  | 'head'
  | 'order'
  | 'probe'
  | 'instance'
  | 'look'
  | 'report'
  | 'result';

/** A record as it lies in a row. */
export interface SignedRecord {
  /** Canonical JSON: the bytes that were signed. */
  readonly body: string;
  /** ES256, r and s (IEEE P1363), base64url. */
  readonly signature: string;
}

const signedBytes = (kind: RecordKind, body: string): Buffer => Buffer.from(`countersign/record/${kind}/v1\n${body}`);

/** Signs the one spelling of a value. `key` is a P-256 private key. */
export function signRecord(key: KeyObject, kind: RecordKind, value: Json): SignedRecord {
  const body = canonicalText(value);
  const signature = sign('sha256', signedBytes(kind, body), { key, dsaEncoding: 'ieee-p1363' });
  return { body, signature: base64url(signature) };
}

/**
 * What a record says, or null where it is not signed by this key as this kind, is
 * not in its one spelling, or has another shape: whoever reads it goes on as if
 * the row were not there, and raises an alarm.
 */
export function openRecord<T>(
  key: KeyObject,
  kind: RecordKind,
  schema: z.ZodType<T>,
  { body, signature }: SignedRecord,
): T | null {
  const bytes = fromBase64url(signature);
  if (bytes === null || !es256Holds(key, signedBytes(kind, body), bytes)) return null;
  try {
    // What its signer wrote may be longer than what a stranger may send.
    const value = parseStrictJson(body, body.length);
    const parsed = schema.safeParse(value);
    return parsed.success && canonicalText(value) === body ? parsed.data : null;
  } catch {
    return null;
  }
}
