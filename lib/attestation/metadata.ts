import { createHash, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { fromBase64url } from '#lib/core';
import { pathOf } from './chain';
import { elementsOf } from './der';

/*
 * FIDO's metadata (FIDO Metadata Service 3): one file, a JWS, that lists models of
 * authenticators with their makers' roots and what was reported about them. Its
 * signature is checked before its content is read; node:crypto's `verify` is used
 * here because this is no token of anybody's.
 */

/** A model of authenticators as FIDO lists it. */
export interface Model {
  readonly name: string;
  /** PNG as a `data:` address, or null. */
  readonly icon: string | null;
  /** DER of its maker's roots. */
  readonly roots: readonly Buffer[];
  /** What was reported about it after which none of its keys is taken, or null. */
  readonly compromised: string | null;
}

export interface Metadata {
  /** Grows by one with every edition. */
  readonly number: number;
  /** `YYYY-MM-DD`: from then on there is a newer one. */
  readonly nextUpdate: string;
  readonly byAaguid: ReadonlyMap<string, Model>;
  /** By the SHA-1 of the public key of a certificate in its chain (RFC 5280 §4.2.1.2, method 1): how U2F keys are listed. */
  readonly byKeyIdentifier: ReadonlyMap<string, Model>;
}

const SIGNER = 'mds.fidoalliance.org';

const Header = z.object({ alg: z.enum(['RS256', 'ES256']), x5c: z.array(z.base64()).min(1) });

/** Whose keys may be anybody's, or sign without their person (FIDO Metadata Statement 3, AuthenticatorStatus). */
const COMPROMISED = [
  'REVOKED',
  'USER_VERIFICATION_BYPASS',
  'ATTESTATION_KEY_COMPROMISE',
  'USER_KEY_REMOTE_COMPROMISE',
  'USER_KEY_PHYSICAL_COMPROMISE',
];

const Entry = z.object({
  aaguid: z.string().toLowerCase().optional(),
  attestationCertificateKeyIdentifiers: z.array(z.string().toLowerCase()).optional(),
  metadataStatement: z
    .object({
      description: z.string().max(200),
      icon: z
        .string()
        .regex(/^data:image\/png;base64,[A-Za-z0-9+/=\s]*$/)
        .max(50_000)
        .nullable()
        .catch(null),
      attestationRootCertificates: z.array(z.string()).catch([]),
    })
    .optional(),
  statusReports: z.array(z.object({ status: z.string() })),
});

/** FIDO's name for the number of an edition. */
const EDITION = 'no';

const Payload = z.object({ [EDITION]: z.int(), nextUpdate: z.iso.date(), entries: z.array(Entry) });

/**
 * Opens the file. Throws unless it was signed with a certificate of FIDO's that
 * leads to one of these roots and is valid now. GlobalSign certifies many; that
 * the certificate is FIDO's own shows in its host name alone.
 */
export function openMetadata(text: string, roots: readonly X509Certificate[], now: Date): Metadata {
  const parts = text.trim().split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) throw new Error('it is not a JWS');
  const { alg, x5c } = Header.parse(jsonIn(header));
  const certificates = x5c.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
  const [leaf] = certificates;
  if (leaf === undefined || pathOf(certificates, roots, now).root === null)
    throw new Error('its certificate does not lead to the authority that certifies FIDO');
  if (leaf.checkHost(SIGNER) === undefined) throw new Error(`its certificate is not that of ${SIGNER}`);
  if (!isSigned(`${header}.${payload}`, signature, { alg, leaf })) throw new Error('its signature is wrong');
  return read(Payload.parse(jsonIn(payload)));
}

const bytesIn = (part: string): Uint8Array => {
  const bytes = fromBase64url(part);
  if (bytes === null) throw new Error('it is not a JWS');
  return bytes;
};

const jsonIn = (part: string): unknown => JSON.parse(Buffer.from(bytesIn(part)).toString('utf8'));

function isSigned(
  signed: string,
  signature: string,
  { alg, leaf }: { readonly alg: 'RS256' | 'ES256'; readonly leaf: X509Certificate },
): boolean {
  const { publicKey: key } = leaf;
  if (key.asymmetricKeyType !== (alg === 'RS256' ? 'rsa' : 'ec')) return false;
  return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, bytesIn(signature));
}

function read({ [EDITION]: number, nextUpdate, entries }: z.infer<typeof Payload>): Metadata {
  const byAaguid = new Map<string, Model>();
  const byKeyIdentifier = new Map<string, Model>();
  for (const { aaguid, attestationCertificateKeyIdentifiers: identifiers = [], ...entry } of entries) {
    const model = modelOf(entry);
    if (aaguid !== undefined) byAaguid.set(aaguid, model);
    for (const identifier of identifiers) byKeyIdentifier.set(identifier, model);
  }
  return { number, nextUpdate, byAaguid, byKeyIdentifier };
}

function modelOf({ metadataStatement, statusReports }: Omit<z.infer<typeof Entry>, 'aaguid'>): Model {
  const statuses = statusReports.map(({ status }) => status);
  return {
    name: metadataStatement?.description ?? 'a model without a name',
    icon: metadataStatement?.icon ?? null,
    roots: (metadataStatement?.attestationRootCertificates ?? []).map((der) => Buffer.from(der, 'base64')),
    compromised: statuses.find((status) => COMPROMISED.includes(status)) ?? null,
  };
}

/** The identifier under which U2F keys are listed; null for a key that OpenSSL cannot decode. */
export function keyIdentifier(certificate: X509Certificate): string | null {
  const spki = spkiOf(certificate);
  if (spki === null) return null;
  const [outer] = elementsOf(spki);
  const key = elementsOf(outer?.body ?? Buffer.alloc(0)).at(-1)?.body ?? Buffer.alloc(0);
  // The first octet of a bit string counts unused bits.
  return createHash('sha1').update(key.subarray(1)).digest('hex');
}

function spkiOf(certificate: X509Certificate): Buffer | null {
  try {
    return certificate.publicKey.export({ type: 'spki', format: 'der' });
  } catch {
    return null;
  }
}
