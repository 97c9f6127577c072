import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { base64url, DomainError, fromBase64url, parseStrictJson, refuse } from '#lib/core';

/*
 * The only file that imports @simplewebauthn/server. The library checks
 * signatures; the policy around them (exact origin, no cross-origin frame,
 * user verification, no change of class, counters) is here.
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
  readonly class: 'attested' | 'hardware' | 'synced';
  /** The highest counter seen; 0 where the caller checks a signature a second time and keeps no counter. */
  readonly counter: bigint;
}

const Text = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z0-9_-]*$/);
const Extensions = z.record(z.string(), z.unknown()).default({});
const Attachment = z.enum(['platform', 'cross-platform']).nullish();

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

/** RegistrationResponseJSON (WebAuthn Level 3). */
export const Registration = z.object({
  id: Text,
  rawId: Text,
  type: z.literal('public-key'),
  authenticatorAttachment: Attachment,
  clientExtensionResults: Extensions,
  response: z.object({
    clientDataJSON: Text,
    attestationObject: Text,
    transports: z.array(z.string().max(20)).max(10).optional(),
  }),
});
export type Registration = z.infer<typeof Registration>;

/** One error for every failure, so that a forger learns nothing from it; the cause goes to the log. */
const failed = (cause: unknown): DomainError =>
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
        counter: Number(authenticator.counter),
      },
    });
    if (!result.verified || !result.authenticationInfo.userVerified) throw new Error('not verified');
    const synced = result.authenticationInfo.credentialDeviceType === 'multiDevice';
    if (synced && authenticator.class !== 'synced') throw new Error('backup-eligible now, not at enrolment');
    return { counter: BigInt(result.authenticationInfo.newCounter) };
  } catch (cause) {
    throw failed(cause);
  }
}

/** Refuses an assertion made in a cross-origin frame, which SimpleWebAuthn accepts (T9). */
function refuseForeignFrame(clientDataJSON: string): void {
  const data = parseStrictJson(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
  const frame = data as { crossOrigin?: unknown; topOrigin?: unknown };
  if (frame.crossOrigin === true || frame.topOrigin !== undefined) throw new Error('cross-origin');
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(text) ?? refuse('statement_refused', 'The key is not stored correctly.');
  return new Uint8Array(bytes);
}

/** Makes the options for `navigator.credentials.create`: a discoverable key, user verification, attestation. */
export function registrationOptions(input: {
  readonly relyingParty: RelyingParty;
  readonly challenge: Uint8Array;
  readonly human: { readonly id: string; readonly name: string; readonly email: string };
  readonly exclude: readonly string[];
}): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: input.relyingParty.rpId,
    challenge: new Uint8Array(input.challenge),
    userID: new TextEncoder().encode(input.human.id),
    userName: input.human.email,
    userDisplayName: input.human.name,
    attestationType: 'direct',
    excludeCredentials: input.exclude.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: [-7, -8, -257],
  });
}

export interface RegisteredKey {
  readonly credentialId: string;
  readonly publicKey: string;
  readonly class: 'hardware' | 'synced';
  readonly aaguid: string;
  readonly transports: string[];
  readonly counter: bigint;
}

/** Verifies a registration. Throws `statement_refused` unless it answers this challenge, on this origin, with its user verified. */
export async function verifyRegistration(input: {
  readonly registration: Registration;
  readonly challenge: Uint8Array;
  readonly relyingParty: RelyingParty;
}): Promise<RegisteredKey> {
  const { registration, relyingParty } = input;
  try {
    refuseForeignFrame(registration.response.clientDataJSON);
    const result = await verifyRegistrationResponse({
      response: registration as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: base64url(input.challenge),
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [-7, -8, -257],
    });
    if (!result.verified) throw new Error('not verified');
    const { credential, credentialDeviceType, aaguid } = result.registrationInfo;
    return {
      credentialId: credential.id,
      publicKey: base64url(credential.publicKey),
      class: credentialDeviceType === 'singleDevice' ? 'hardware' : 'synced',
      aaguid,
      transports: registration.response.transports ?? [],
      counter: BigInt(credential.counter),
    };
  } catch (cause) {
    throw failed(cause);
  }
}
