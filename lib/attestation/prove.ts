import { X509Certificate } from 'node:crypto';
import { isMadeInAndroid } from './android';
import { type Path, pathOf } from './chain';
import { keyIdentifier, type Metadata } from './metadata';
import { isOfOtherKey, namesModel } from './packed';

/** The attestation formats in which a maker vouches for hardware (WebAuthn §8). Android's SafetyNet ended in 2025. */
export type Format = 'packed' | 'tpm' | 'apple' | 'android-key';

/** A root, and in which formats it proves hardware. */
export interface Root {
  readonly certificate: X509Certificate;
  readonly formats: readonly Format[];
  /** Whether a certificate of `packed` need not name its model: this root certifies nothing else that could pass for one. */
  readonly mayOmitModel?: true;
}

/**
 * What a root proves that FIDO's metadata lists. `packed` alone asks for a
 * certificate that says it is an authenticator's (WebAuthn §8.2.1): a maker's root
 * may certify much else.
 */
export const securityKeyRoot = (certificate: X509Certificate): Root => ({ certificate, formats: ['packed'] });

/** What an owner's own root proves: phones as well, which no root that is built in proves. */
export const ownRoot = (certificate: X509Certificate): Root => ({ certificate, formats: ['packed', 'android-key'] });

/** Both, each key once: what is known of a root is not widened by naming it again. */
export const withRoots = (roots: readonly Root[], more: readonly Root[]): readonly Root[] =>
  [...roots, ...more].filter(
    (root, at, all) => at < roots.length || all.findIndex((each) => hasSameKey(each, root)) === at,
  );

const hasSameKey = (one: Root, other: Root): boolean => one.certificate.publicKey.equals(other.certificate.publicKey);

/** Whose word about hardware counts. */
export interface Makers {
  readonly roots: readonly Root[];
  /** FIDO's, where an owner put it there. */
  readonly metadata: Metadata | null;
}

/** What an authenticator said of itself when it made a key. */
export interface Attestation {
  readonly format: string;
  readonly aaguid: string;
  /** DER, the leaf first; empty where it showed none. */
  readonly certificates: readonly Uint8Array[];
  /** TPMT_PUBLIC of a TPM's key; null in other formats. */
  readonly pubArea: Uint8Array | null;
}

/** Whether a maker vouches for the hardware; where not, why, for people. */
export type Proof = { readonly proven: true } | { readonly proven: false; readonly why: string };

const unproven = (why: string): Proof => ({ proven: false, why });

/**
 * Decides whether the attestation's certificates prove hardware. That the
 * attestation is signed with the leaf's key, over this very registration, is
 * checked by the WebAuthn library, and both have to hold.
 */
export function prove(attestation: Attestation, makers: Makers, now: Date): Proof {
  const { format, pubArea } = attestation;
  if (format === U2F)
    return unproven('U2F has no check of the person: its proof does not cover what is asked for here.');
  if (!isFormat(format)) return unproven('It showed no proof of what it is.');
  const certificates = readable(attestation.certificates);
  if (certificates.length < attestation.certificates.length) return unproven('Its certificate cannot be read.');
  if (certificates.length === 0) return unproven('It vouches for itself alone.');
  const roots = rootsFor(attestation, makers).filter(({ formats }) => formats.includes(format));
  const path = pathTo(roots, certificates, now);
  const root = roots.find(({ certificate }) => certificate === path.root);
  if (root === undefined) return unproven('Its certificate leads to no maker that is known here, or is not valid now.');
  if (format === 'packed' && !isAuthenticators(path, root, attestation.aaguid))
    return unproven('Its certificate does not say that it is of an authenticator of this model.');
  if (format === 'android-key' && !isPhones(path))
    return unproven('Its phone does not say that the key was made in its hardware, and asks for its person.');
  if (format === 'tpm' && !isMadeInTpm(pubArea)) return unproven('Its TPM does not say that the key was made in it.');
  return { proven: true };
}

/**
 * Proves nothing here. A registration asks for user verification and a resident
 * key, and CTAP1 has neither; its attestation signs no flags, so that whoever
 * carries it between key and browser writes them (WebAuthn §8.6, FIDO U2F Raw
 * Message Formats §4.3).
 */
const U2F = 'fido-u2f';
const FORMATS: readonly string[] = ['packed', 'tpm', 'apple', 'android-key'] satisfies Format[];
const isFormat = (text: string): text is Format => FORMATS.includes(text);

/** The certificates up to the first that cannot be read, or whose key cannot. */
function readable(certificates: readonly Uint8Array[]): X509Certificate[] {
  const all = certificates.map(certificateIn);
  const end = all.indexOf(null);
  return all.slice(0, end < 0 ? all.length : end).filter((each) => each !== null);
}

function certificateIn(der: Uint8Array): X509Certificate | null {
  try {
    const certificate = new X509Certificate(der);
    return keyIdentifier(certificate) === null ? null : certificate;
  } catch {
    return null;
  }
}

/** The roots given, and those that FIDO lists for this model. */
function rootsFor({ aaguid }: Attestation, { roots, metadata }: Makers): readonly Root[] {
  const listed = (metadata?.byAaguid.get(aaguid)?.roots ?? []).map(certificateIn).filter((each) => each !== null);
  return withRoots(roots, listed.map(securityKeyRoot));
}

const pathTo = (roots: readonly Root[], certificates: readonly X509Certificate[], now: Date): Path =>
  pathOf(
    certificates,
    roots.map(({ certificate }) => certificate),
    now,
  );

/** Above a key that an app made stands no other: one that certified another would have made its proof itself. */
const isNoKeys = (certificate: X509Certificate): boolean => !isOfOtherKey(certificate);

function isPhones({ certificates: [leaf, ...above] }: Path): boolean {
  return leaf !== undefined && isMadeInAndroid(leaf) && above.every(isNoKeys);
}

/** False for a certificate that cannot be read. */
function isAuthenticators({ certificates }: Path, { mayOmitModel }: Root, aaguid: string): boolean {
  const [leaf] = certificates;
  try {
    return leaf !== undefined && certificates.every(isNoKeys) && (mayOmitModel === true || namesModel(leaf, aaguid));
  } catch {
    return false;
  }
}

/** What FIDO's metadata calls a model; null where it does not list it. */
export const modelName = ({ metadata }: Makers, aaguid: string): string | null =>
  metadata?.byAaguid.get(aaguid)?.name ?? null;

/**
 * What was reported about the model of this authenticator, proven to be of it or
 * not; null for nothing. U2F keys have no AAGUID: FIDO lists them by the keys of
 * their certificates, of which only those count that certify one another.
 */
export function compromise(attestation: Attestation, makers: Makers, now: Date): string | null {
  const { byAaguid, byKeyIdentifier } = makers.metadata ?? {};
  const { certificates, root } = pathTo(rootsFor(attestation, makers), readable(attestation.certificates), now);
  const models = [...certificates, ...(root === null ? [] : [root])].map((each) =>
    byKeyIdentifier?.get(keyIdentifier(each) ?? ''),
  );
  const model = [byAaguid?.get(attestation.aaguid), ...models].find((each) => (each?.compromised ?? null) !== null);
  return model === undefined ? null : `${model.name}: ${model.compromised}`;
}

/*
 * TPMA_OBJECT (TPM 2.0 Library, Part 2, §8.3): made by this TPM and never to leave
 * it. A TPM certifies keys that were loaded into it as well.
 */
const FIXED_TPM = 1 << 1;
const FIXED_PARENT = 1 << 4;
const SENSITIVE_DATA_ORIGIN = 1 << 5;
const MADE_IN_TPM = FIXED_TPM | FIXED_PARENT | SENSITIVE_DATA_ORIGIN;

function isMadeInTpm(pubArea: Uint8Array | null): boolean {
  if (pubArea === null || pubArea.length < 8) return false;
  const attributes = Buffer.from(pubArea).readUInt32BE(4);
  return (attributes & MADE_IN_TPM) === MADE_IN_TPM;
}
