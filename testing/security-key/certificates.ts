import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { bits, boolean, context, integer, nothing, octets, oid, sequence, set, time, utf8 } from './der';

/*
 * Only for tests: certificates of makers that exist for one test, right and wrong.
 */

const NAMES: Readonly<Record<string, string>> = { C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11', CN: '2.5.4.3' };

/** `{ C: 'SE', O: 'Maker' }`, in this order. */
export type Subject = Readonly<Partial<Record<'C' | 'O' | 'OU' | 'CN', string>>>;

export interface Extension {
  readonly id: string;
  readonly value: Uint8Array;
}

export interface Wanted {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly ca?: boolean;
  readonly from?: Date;
  readonly to?: Date;
  readonly extensions?: readonly Extension[];
}

/** A pair of keys with the certificate of the public one. */
export interface Certified {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

const nameOf = (subject: Subject): Buffer =>
  sequence(...Object.entries(subject).map(([name, value]) => set(sequence(oid(NAMES[name] ?? ''), utf8(value)))));

const YEAR_MS = 365 * 86_400_000;

/** Signs a certificate: with the issuer's key, under the issuer's name. */
export function certify(
  wanted: Wanted,
  by: { readonly subject: Subject; readonly privateKey: KeyObject },
): X509Certificate {
  const { subject, publicKey, ca = false, extensions = [] } = wanted;
  const { from = new Date(Date.now() - YEAR_MS), to = new Date(Date.now() + YEAR_MS) } = wanted;
  const rsa = by.privateKey.asymmetricKeyType === 'rsa';
  const algorithm = rsa ? sequence(oid('1.2.840.113549.1.1.11'), nothing()) : sequence(oid('1.2.840.10045.4.3.2'));
  const constraints = { id: '2.5.29.19', value: ca ? sequence(boolean(true)) : sequence() };
  const signed = sequence(
    context(0, integer(2)),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf(by.subject),
    sequence(time(from), time(to)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...[constraints, ...extensions].map(({ id, value }) => sequence(oid(id), octets(value))))),
  );
  return new X509Certificate(sequence(signed, algorithm, bits(sign('sha256', signed, by.privateKey))));
}

export const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** An authority that certifies itself. */
export function newAuthority(
  subject: Subject,
  { publicKey, privateKey } = newPair() as { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  more: Partial<Wanted> = {},
) {
  const certificate = certify({ subject, publicKey, ca: true, ...more }, { subject, privateKey });
  return {
    certificate,
    subject,
    privateKey,
    /** Makes a pair of keys and certifies it. */
    issue(wanted: Omit<Wanted, 'publicKey'>): Certified & { readonly subject: Subject } {
      const pair = newPair();
      const issued = certify({ ...wanted, publicKey: pair.publicKey }, { subject, privateKey });
      return { certificate: issued, privateKey: pair.privateKey, subject: wanted.subject };
    },
  };
}

export type TestAuthority = ReturnType<typeof newAuthority>;
