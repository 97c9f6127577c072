import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  SettingsService,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoCBOR, parseAuthenticatorData } from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import { type Attestation, compromise, type Makers, prove } from '#lib/attestation';
import { base64url, refuse } from '#lib/core';
import { isKeyOf } from './cose';
import { Attachment, Extensions, failed, type RelyingParty, refuseForeignFrame, Text } from './webauthn';

/*
 * What makes a key. @simplewebauthn/server checks the ceremony and the
 * attestation's signature; whether its certificates lead to a maker that counts
 * here is decided in lib/attestation, by roots that the caller gives.
 */

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
    supportedAlgorithmIDs: [...ALGORITHMS],
  });
}

const ALGORITHMS = [-7, -8, -257] as const;

export interface RegisteredKey {
  readonly credentialId: string;
  readonly publicKey: string;
  readonly class: 'attested' | 'claimed' | 'synced';
  readonly aaguid: string;
  readonly transports: string[];
  readonly counter: bigint;
  /** Why nobody proved that it is hardware, in a sentence; null where its maker did. */
  readonly unproven: string | null;
}

/**
 * Verifies a registration. Throws `statement_refused` unless it answers this
 * challenge, on this origin, with its user verified, and with an attestation that
 * holds where it has one; `not_allowed` where FIDO's metadata reports that keys of
 * this model are anybody's.
 */
export async function verifyRegistration(input: {
  readonly registration: Registration;
  readonly challenge: Uint8Array;
  readonly relyingParty: RelyingParty;
  readonly makers: Makers;
  readonly now: Date;
}): Promise<RegisteredKey> {
  const { registration, makers, now } = input;
  const { attestation, verifiable } = opened(registration);
  const reported = compromise(attestation, makers, now);
  if (reported !== null)
    refuse('not_allowed', `Keys of this model are not taken: FIDO’s metadata reports ${reported}. Use another one.`);
  const proof = prove(attestation, makers, now);
  const attestationObject = verifiable(proof.proven);
  const made = await verifyCeremony({
    ...input,
    registration: { ...registration, response: { ...registration.response, attestationObject } },
  });
  const bound = proof.proven ? ('attested' as const) : ('claimed' as const);
  return {
    ...made.key,
    class: made.synced ? 'synced' : bound,
    transports: registration.response.transports ?? [],
    unproven: proof.proven ? null : proof.why,
  };
}

type Opened = { readonly attestation: Attestation; verifiable(proven: boolean): string };

/**
 * Reads what the authenticator says of itself. `verifiable` is the same for the
 * library, which checks every signature but SafetyNet's and those of formats it
 * does not know; these prove nothing, and are taken for none.
 */
function opened({ response: { attestationObject } }: Registration): Opened {
  try {
    const object = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')));
    const [format, statement, authData] = [object.get('fmt'), object.get('attStmt'), object.get('authData')];
    const { aaguid, credentialPublicKey } = parseAuthenticatorData(authData);
    const key: unknown = isoCBOR.decodeFirst(credentialPublicKey ?? new Uint8Array());
    if (!isKeyOf(format, key)) throw new Error('its key is not of a form that counts here');
    const certificates = bytesIn(statement.get('x5c'));
    const [pubArea = null] = bytesIn([statement.get('pubArea')]);
    const without = (): string => sealed('none', new Map(), authData);
    return {
      attestation: { format, certificates, pubArea, aaguid: uuid(Buffer.from(aaguid ?? [])) },
      verifiable(proven) {
        if (!VERIFIED.includes(format)) return without();
        if (format !== 'android-key') return attestationObject;
        // The library takes the last certificate for the root and asks the addresses in the others what was revoked.
        if (!proven) return without();
        const signed = { alg: statement.get('alg'), sig: statement.get('sig'), x5c: certificates.slice(0, 2) };
        return sealed(format, new Map(Object.entries(signed)), authData);
      },
    };
  } catch (cause) {
    throw failed(cause);
  }
}

/** A stranger's CBOR may hold anything there. All of it or none: the first certificate is the very one whose key is checked. */
const bytesIn = (value: unknown): Uint8Array<ArrayBuffer>[] =>
  Array.isArray(value) && value.every((each): each is Uint8Array<ArrayBuffer> => each instanceof Uint8Array)
    ? value
    : [];

const VERIFIED: readonly string[] = ['none', 'packed', 'fido-u2f', 'tpm', 'apple', 'android-key'];

const sealed = (format: string, statement: Map<string, unknown>, authData: Uint8Array): string =>
  base64url(
    isoCBOR.encode(
      new Map<string, unknown>([
        ['fmt', format],
        ['attStmt', statement],
        ['authData', authData],
      ]) as Parameters<typeof isoCBOR.encode>[0],
    ),
  );

const uuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

async function verifyCeremony(input: {
  readonly registration: Registration;
  readonly challenge: Uint8Array;
  readonly relyingParty: RelyingParty;
}) {
  const { registration, relyingParty } = input;
  try {
    refuseForeignFrame(registration.response.clientDataJSON);
    forgetRoots();
    const result = await verifyRegistrationResponse({
      response: registration as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: base64url(input.challenge),
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!result.verified) throw new Error('not verified');
    const { credential, credentialDeviceType, aaguid } = result.registrationInfo;
    return {
      key: {
        credentialId: credential.id,
        publicKey: base64url(credential.publicKey),
        aaguid,
        counter: BigInt(credential.counter),
      },
      synced: credentialDeviceType !== 'singleDevice',
    };
  } catch (cause) {
    throw failed(cause);
  }
}

/**
 * Takes the library's own roots away, of which it holds some for the whole
 * process: with any it follows certificates itself, and fetches lists of what was
 * revoked from addresses that stand in them. A stranger's certificate would have
 * the warden call whatever host it names (T56).
 */
function forgetRoots(): void {
  for (const identifier of ['apple', 'android-key', 'android-safetynet'] as const)
    SettingsService.setRootCertificates({ identifier, certificates: [] });
}
