import type { X509Certificate } from 'node:crypto';
import { KEY_DESCRIPTION } from './android';
import { elementsOf, extensionOf, extensionsOf } from './der';

/** 1.3.6.1.4.1.45724.1.1.4, id-fido-gen-ce-aaguid: of which model the certificate's keys are. */
const AAGUID = '2b0601040182e51c010104';

/**
 * Extensions of certificates whose keys sign what somebody asks for, and not what
 * an authenticator made: those of Android apps, whose subject the app writes, and
 * of slots of Yubico's PIV (1.3.6.1.4.1.41482.3) and OpenPGP (.5).
 */
const OF_OTHER_KEYS = [KEY_DESCRIPTION, '2b0601040182c40a03', '2b0601040182c40a05'];

/** Whether this certificate says that its key is something else than an authenticator's. */
export const isOfOtherKey = (certificate: X509Certificate): boolean =>
  extensionsOf(certificate).some(({ oid }) => OF_OTHER_KEYS.some((other) => oid.startsWith(other)));

/** Whether this certificate names the model, a UUID. */
export function namesModel(certificate: X509Certificate, aaguid: string): boolean {
  const [named] = elementsOf(extensionOf(certificate, AAGUID) ?? Buffer.alloc(0));
  return named?.body.length === 16 && named.body.toString('hex') === aaguid.replaceAll('-', '');
}
