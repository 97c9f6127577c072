import { X509Certificate } from 'node:crypto';
import type { Root } from '../prove';
import { GLOBALSIGN_R3, GLOBALSIGN_R46 } from './fido';
import { NITROKEY_ROOT } from './nitrokey';
import { APPLE_ROOT, MICROSOFT_TPM_ROOT } from './platforms';
import { YUBICO_ATTESTATION_ROOT, YUBICO_FIDO_ROOT, YUBICO_U2F_ROOT } from './yubico';

/*
 * A root proves hardware in the format it was made for and in no other: Yubico's
 * newest also certifies keys of PIV and OpenPGP, which sign anything. Google's is
 * missing on purpose. It certifies whatever key any app on a phone makes, and
 * nothing in the certificate says that a browser made it.
 */
const PINNED: ReadonlyArray<readonly [pem: string, formats: Root['formats']]> = [
  [YUBICO_U2F_ROOT, ['packed']],
  [YUBICO_FIDO_ROOT, ['packed']],
  [YUBICO_ATTESTATION_ROOT, ['packed']],
  [NITROKEY_ROOT, ['packed']],
  [APPLE_ROOT, ['apple']],
  [MICROSOFT_TPM_ROOT, ['tpm']],
];

/** The roots of makers that everybody takes, as far as their bytes could be had; an owner adds others by files. */
export const pinnedRoots = (): readonly Root[] =>
  PINNED.map(([pem, formats]) => ({ certificate: new X509Certificate(pem), formats, mayOmitModel: true }));

/** Who may sign FIDO's metadata. */
export const fidoRoots = (): readonly X509Certificate[] =>
  [GLOBALSIGN_R3, GLOBALSIGN_R46].map((pem) => new X509Certificate(pem));
