import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoCBOR } from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import { base64url } from '#lib/core';
import { Attachment, Extensions, failed, type RelyingParty, refuseForeignFrame, Text } from './webauthn';

/* What makes a key. */

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
    const attestationObject = withoutStatement(registration.response.attestationObject);
    const result = await verifyRegistrationResponse({
      response: { ...registration, response: { ...registration.response, attestationObject } } as Parameters<
        typeof verifyRegistrationResponse
      >[0]['response'],
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

type Cbor = Parameters<typeof isoCBOR.encode>[0];

/**
 * What the key's maker says of it is believed by nobody here, so it is not read:
 * the library would follow a stranger's certificates, and ask the addresses that
 * stand in them which of them were revoked (T56).
 */
function withoutStatement(attestationObject: string): string {
  const object = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
  const fields: readonly (readonly [string, Cbor])[] = [
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', object.get('authData')],
  ];
  return base64url(isoCBOR.encode(new Map(fields)));
}
