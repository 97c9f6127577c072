import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  type X509Certificate,
} from 'node:crypto';
import { type Makers, securityKeyRoot } from '#lib/attestation';
import { sha256 } from '#lib/core';
import { type Cbor, cbor } from './cbor';
import { newAuthority, newPair, type Subject, type TestAuthority, type Wanted } from './certificates';
import { octets } from './der';

/*
 * Only for tests and the demo: a maker of security keys. An installation that is
 * to take its keys for proven is given its root by an owner's own door, the folder
 * of makers' roots; nothing else knows it.
 */

/** What a key is asked to vouch for when it is registered. */
export interface Made {
  readonly authData: Buffer;
  readonly clientDataHash: Uint8Array;
  readonly credentialId: Buffer;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Nobody's word counts: every key is one that nobody proved. */
export const NO_MAKERS: Makers = { roots: [], metadata: null };

/** Only this maker's does. */
export const onlyMaker = ({ root }: Pick<KeyMaker, 'root'>): Makers => ({
  roots: [securityKeyRoot(root)],
  metadata: null,
});

export interface KeyMaker {
  readonly root: X509Certificate;
  readonly aaguid: Buffer;
  /** The COSE map that the key writes; left out, the one of its P-256 key. */
  readonly cose?: (x: Buffer, y: Buffer) => ReadonlyMap<Cbor, Cbor>;
  attest(made: Made): { readonly format: string; readonly statement: ReadonlyMap<string, Cbor> };
}

const BATCH: Subject = { C: 'SE', O: 'Test maker', OU: 'Authenticator Attestation', CN: 'Batch 1' };

/** 1.3.6.1.4.1.45724.1.1.4: of which model the certificate's keys are. */
export const aaguidExtension = (aaguid: Uint8Array) => ({ id: '1.3.6.1.4.1.45724.1.1.4', value: octets(aaguid) });

/** Makes keys that vouch in the format `packed`, with one certificate for all of a batch. */
export function packedMaker(
  authority: TestAuthority = newAuthority({ C: 'SE', O: 'Test maker', CN: 'Root' }),
  { aaguid = randomBytes(16), ...batch }: Partial<Wanted> & { readonly aaguid?: Buffer } = {},
): KeyMaker {
  const { certificate, privateKey } = authority.issue({
    subject: BATCH,
    extensions: [aaguidExtension(aaguid)],
    ...batch,
  });
  return {
    root: authority.certificate,
    aaguid,
    attest: ({ authData, clientDataHash }) => ({
      format: 'packed',
      statement: new Map<string, Cbor>([
        ['alg', -7],
        ['sig', sign('sha256', Buffer.concat([authData, clientDataHash]), privateKey)],
        ['x5c', [certificate.raw]],
      ]),
    }),
  };
}

/*
 * The key with which Chromium's virtual authenticator signs its attestations: the
 * example of the U2F specification, in device/fido/virtual_fido_device.cc. The
 * authenticator certifies it anew each time, under one name. Everybody has it.
 */
const CHROMIUMS = Buffer.from(
  '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420' +
    'f3fccc0d00d8031954f90864d43c247f4bf5f0665c6b50cc17749a27d1cf7664' +
    'a144034200048d617e65c9508e64bcc5673ac82a6799da3c1446682c258c463fffdf58dfd2fa' +
    '3e6c378b53d795c4a4dffb4199edd7862f23abaf0203b4b8911ba0569994e101',
  'hex',
);
const CHROMIUM: Subject = { C: 'US', O: 'Chromium', OU: 'Authenticator Attestation', CN: 'Batch Certificate' };

function chromium(): TestAuthority {
  const privateKey = createPrivateKey({ key: CHROMIUMS, format: 'der', type: 'pkcs8' });
  return newAuthority(CHROMIUM, { privateKey, publicKey: createPublicKey(privateKey) });
}

/** The root that makes the virtual authenticator's keys proven ones, where an installation is given it. */
export const chromiumRoot = (): X509Certificate => chromium().certificate;

const RP_ID_HASH_FLAGS_COUNTER = 37;

/**
 * The attestation that a key would have whose maker is Chromium: the virtual
 * authenticator's own certificate does not name its model, and proves nothing.
 */
export function vouchAsChromium(authData: Buffer, clientDataJSON: Uint8Array): Buffer {
  const aaguid = authData.subarray(RP_ID_HASH_FLAGS_COUNTER, RP_ID_HASH_FLAGS_COUNTER + 16);
  const { format, statement } = packedMaker(chromium(), { aaguid }).attest({
    ...{ authData, clientDataHash: sha256(clientDataJSON), credentialId: Buffer.alloc(0) },
    ...newPair(),
  });
  return cbor(
    new Map<string, Cbor>([
      ['fmt', format],
      ['attStmt', statement],
      ['authData', authData],
    ]),
  );
}
