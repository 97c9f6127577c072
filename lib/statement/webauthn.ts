import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { z } from 'zod';
import { base64url, DomainError, fromBase64url, parseStrictJson, refuse } from '#lib/core';

/*
 * Signatures by keys that are enrolled. @simplewebauthn/server checks them; the
 * policy around them (exact origin, no cross-origin frame, user verification, no
 * change of class, counters) is here. What makes a key is in `registration.ts`,
 * which nothing that mints reaches; no other file imports the library.
 */

/** The exact origin and the rpId that a ceremony belongs to. */
export interface RelyingParty {
  readonly origin: string;
  readonly rpId: string;
}

/** As much of an enrolled key as a signature check needs. */
export interface Authenticator {
  readonly credentialId: string;
  /** COSE_Key, base64url. */
  readonly publicKey: string;
  readonly class: 'attested' | 'claimed' | 'synced';
  /** The highest counter seen; 0 where the caller checks a signature a second time and keeps no counter. */
  readonly counter: bigint;
}

/** base64url, of any length that a ceremony needs. */
export const Text = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z0-9_-]*$/);
export const Extensions = z.record(z.string(), z.unknown()).default({});
export const Attachment = z.enum(['platform', 'cross-platform']).nullish();

/** AuthenticationResponseJSON (WebAuthn Level 3). */
export const Assertion = z.object({
  id: Text,
  rawId: Text,
  type: z.literal('public-key'),
  authenticatorAttachment: Attachment,
  clientExtensionResults: Extensions,
  response: z.object({
    clientDataJSON: Text,
    authenticatorData: Text,
    signature: Text,
    userHandle: Text.nullish(),
  }),
});
export type Assertion = z.infer<typeof Assertion>;

/** One error for every failure, so that a forger learns nothing from it; the cause goes to the log. */
export const failed = (cause: unknown): DomainError =>
  new DomainError('statement_refused', 'The key did not sign this. Nothing was done; try again from the start.', {
    cause,
  });

/**
 * Verifies an assertion and returns the new counter. Throws `statement_refused`
 * unless this key signed this very challenge, on this very origin, outside any
 * cross-origin frame, with its user verified, and with a higher counter than
 * before where it counts at all (T7 to T12).
 */
export async function verifyAssertion(input: {
  readonly assertion: Assertion;
  readonly authenticator: Authenticator;
  readonly challenge: Uint8Array;
  readonly relyingParty: RelyingParty;
}): Promise<{ counter: bigint }> {
  const { assertion, authenticator, relyingParty } = input;
  try {
    if (assertion.id !== authenticator.credentialId || assertion.rawId !== authenticator.credentialId) {
      throw new Error('another credential');
    }
    refuseForeignFrame(assertion.response.clientDataJSON);
    const result = await verifyAuthenticationResponse({
      response: assertion as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: base64url(input.challenge),
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.rpId,
      requireUserVerification: true,
      credential: {
        id: authenticator.credentialId,
        publicKey: bytesOf(authenticator.publicKey),
        // The library looks at counters before it looks at the signature: anybody could make one run backwards.
        counter: 0,
      },
    });
    if (!result.verified || !result.authenticationInfo.userVerified) throw new Error('not verified');
    const synced = result.authenticationInfo.credentialDeviceType === 'multiDevice';
    if (synced && authenticator.class !== 'synced') throw new Error('backup-eligible now, not at enrolment');
    const counter = BigInt(result.authenticationInfo.newCounter);
    const counts = counter > 0n || authenticator.counter > 0n;
    if (counts && counter <= authenticator.counter) throw new Error(COUNTED_BACK, { cause: counter });
    return { counter };
  } catch (cause) {
    throw failed(cause);
  }
}

const COUNTED_BACK = 'the counter stands still or runs backwards';

/** The counter of an assertion that was refused for it alone: this very key signed it, and so did a copy of it (T12). Null for what was refused otherwise. */
export const countedBack = ({ cause }: { readonly cause?: unknown }): bigint | null =>
  cause instanceof Error && cause.message === COUNTED_BACK ? (cause.cause as bigint) : null;

/** Refuses a ceremony in a cross-origin frame, which SimpleWebAuthn accepts (T9). */
export function refuseForeignFrame(clientDataJSON: string): void {
  const data = parseStrictJson(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
  const frame = data as { crossOrigin?: unknown; topOrigin?: unknown };
  if (frame.crossOrigin === true || frame.topOrigin !== undefined) throw new Error('cross-origin');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(text) ?? refuse('statement_refused', 'The key is not stored correctly.');
  return new Uint8Array(bytes);
}
