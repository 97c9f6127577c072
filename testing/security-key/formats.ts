import { randomBytes, sign } from 'node:crypto';
import { sha256 } from '#lib/core';
import type { Cbor } from './cbor';
import { certify, newAuthority, type Subject, type TestAuthority, type Wanted } from './certificates';
import { boolean, context, element, enumerated, integer, nothing, octets, oid, sequence, set, utf8 } from './der';
import type { KeyMaker, Made } from './makers';

/*
 * Only for tests: the attestation formats of WebAuthn §8 besides `packed`, as
 * phones, computers and older keys make them, right and wrong.
 */

const NO_MODEL = Buffer.alloc(16);

const coordinates = ({ publicKey }: Pick<Made, 'publicKey'>): readonly [Buffer, Buffer] => {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
};
const point = (made: Pick<Made, 'publicKey'>): Buffer => Buffer.concat([Buffer.from([4]), ...coordinates(made)]);

/** FIDO U2F (§8.6). */
export function u2fMaker(
  authority: TestAuthority = newAuthority({ CN: 'U2F root' }),
  batch: Partial<Wanted> = {},
): KeyMaker {
  const { certificate, privateKey } = authority.issue({ subject: { CN: 'U2F batch' }, ...batch });
  return {
    root: authority.certificate,
    aaguid: NO_MODEL,
    attest(made) {
      const { authData, clientDataHash, credentialId } = made;
      const signed = [Buffer.from([0]), authData.subarray(0, 32), clientDataHash, credentialId, point(made)];
      return {
        format: 'fido-u2f',
        statement: new Map<string, Cbor>([
          ['sig', sign('sha256', Buffer.concat(signed), privateKey)],
          ['x5c', [certificate.raw]],
        ]),
      };
    },
  };
}

/** Certifies the new key itself, as phones do. */
const certified = (authority: TestAuthority, made: Made, subject: Subject, extension: { id: string; value: Buffer }) =>
  certify({ subject, publicKey: made.publicKey, extensions: [extension] }, authority);

/** Apple's anonymous attestation (§8.8). */
export function appleMaker(authority: TestAuthority = newAuthority({ CN: 'Apple root' })): KeyMaker {
  return {
    root: authority.certificate,
    aaguid: NO_MODEL,
    attest(made) {
      const nonce = sha256(Buffer.concat([made.authData, made.clientDataHash]));
      const extension = { id: '1.2.840.113635.100.8.2', value: sequence(context(1, octets(nonce))) };
      const leaf = certified(authority, made, { CN: 'credential' }, extension);
      return { format: 'apple', statement: new Map<string, Cbor>([['x5c', [leaf.raw]]]) };
    },
  };
}

/** What a phone says of the key (KeyDescription). */
export interface PhoneSays {
  /** 0 software, 1 the trusted environment, 2 a secure element. */
  readonly level?: number;
  /** 0 generated there, 2 imported. */
  readonly origin?: number;
  /** 2 signing. */
  readonly purpose?: number;
  /** Anybody who holds the phone may use it. */
  readonly noAuth?: 'software' | 'hardware';
  /** HardwareAuthenticatorType; null leaves it out. */
  readonly userAuth?: number | null;
  /** The boot loader. */
  readonly locked?: boolean;
  /** 0 verified, 1 self-signed, 2 unverified, 3 failed; null leaves the root of trust out. */
  readonly boot?: number | null;
  readonly extensions?: Wanted['extensions'];
  readonly subject?: Subject;
}

/** AuthorizationList, what software enforces and what hardware does. */
function listsOf({ origin = 0, purpose = 2, noAuth, userAuth = 2, locked = true, boot = 0 }: PhoneSays): Buffer[] {
  const open = (by: PhoneSays['noAuth']): Buffer[] => (noAuth === by ? [context(503, nothing())] : []);
  const hash = octets(Buffer.alloc(32));
  const enforced = [
    context(1, set(integer(purpose))),
    ...open('hardware'),
    ...(userAuth === null ? [] : [context(504, integer(userAuth))]),
    context(702, integer(origin)),
    ...(boot === null ? [] : [context(704, sequence(hash, boolean(locked), enumerated(boot), hash))]),
  ];
  return [sequence(...open('software')), sequence(...enforced)];
}

/** Android's key attestation (§8.4). */
export function androidMaker(
  authority: TestAuthority = newAuthority({ CN: 'Google root' }),
  says: PhoneSays = {},
): KeyMaker {
  const { level = 1, extensions = [], subject = { CN: 'Android Keystore Key' } } = says;
  return {
    root: authority.certificate,
    aaguid: randomBytes(16),
    attest(made) {
      const { authData, clientDataHash, publicKey, privateKey } = made;
      const described = [integer(3), enumerated(level), integer(4), enumerated(level), octets(clientDataHash)];
      const description = sequence(...described, octets(Buffer.alloc(0)), ...listsOf(says));
      const more = [{ id: '1.3.6.1.4.1.11129.2.1.17', value: description }, ...extensions];
      const leaf = certify({ subject, publicKey, extensions: more }, authority);
      return {
        format: 'android-key',
        statement: new Map<string, Cbor>([
          ['alg', -7],
          ['sig', sign('sha256', Buffer.concat([authData, clientDataHash]), privateKey)],
          ['x5c', [leaf.raw, authority.certificate.raw]],
        ]),
      };
    },
  };
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const sized = (bytes: Uint8Array): Buffer => Buffer.concat([u16(bytes.length), bytes]);

/** TPMT_PUBLIC of an ECC key on P-256. */
const pubAreaOf = (made: Made, attributes: number): Buffer => {
  const [x, y] = coordinates(made);
  const [flags, none] = [Buffer.alloc(4), u16(0x10)];
  flags.writeUInt32BE(attributes);
  return Buffer.concat([u16(0x23), u16(0x0b), flags, u16(0), none, none, u16(3), none, sized(x), sized(y)]);
};

/** TPMS_ATTEST of a certification. */
function certInfoOf(pubArea: Buffer, extraData: Uint8Array): Buffer {
  const name = sized(Buffer.concat([u16(0x0b), sha256(pubArea)]));
  const head = [Buffer.from('ff5443478017', 'hex'), sized(Buffer.alloc(0)), sized(extraData)];
  return Buffer.concat([...head, Buffer.alloc(17), Buffer.alloc(8), name, sized(Buffer.alloc(0))]);
}

const TPM_NAME = sequence(
  ...[
    ['2.23.133.2.1', 'id:FFFFF1D0'],
    ['2.23.133.2.2', 'model'],
    ['2.23.133.2.3', 'id:13'],
  ].map(([id = '', value = '']) => set(sequence(oid(id), utf8(value)))),
);

/** Made in this TPM and never to leave it; as Windows makes them. */
const MADE_THERE = 0x0006_0472;

/** A computer's TPM (§8.3). */
export function tpmMaker(
  authority: TestAuthority = newAuthority({ CN: 'TPM root' }),
  { attributes = MADE_THERE }: { readonly attributes?: number } = {},
): KeyMaker {
  const { certificate, privateKey } = authority.issue({
    subject: {},
    extensions: [
      { id: '2.5.29.17', value: sequence(element(0xa4, TPM_NAME)) },
      { id: '2.5.29.37', value: sequence(oid('2.23.133.8.3')) },
    ],
  });
  return {
    root: authority.certificate,
    aaguid: randomBytes(16),
    attest(made) {
      const pubArea = pubAreaOf(made, attributes);
      const certInfo = certInfoOf(pubArea, sha256(Buffer.concat([made.authData, made.clientDataHash])));
      return {
        format: 'tpm',
        statement: new Map<string, Cbor>([
          ['ver', '2.0'],
          ['alg', -7],
          ['sig', sign('sha256', certInfo, privateKey)],
          ['x5c', [certificate.raw]],
          ['pubArea', pubArea],
          ['certInfo', certInfo],
        ]),
      };
    },
  };
}
