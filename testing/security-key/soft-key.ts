import { generateKeyPairSync, type KeyObject, randomBytes, sign as signBytes } from 'node:crypto';
import { base64url, sha256 } from '#lib/core';
import type { Assertion, Registration } from '#lib/statement';
import { type Cbor, cbor } from './cbor';
import type { KeyMaker } from './makers';

/*
 * Only for tests: a security key in software that does what it is told, also
 * what no honest key or browser does.
 */

/** How a key or a browser may misbehave. */
export interface Ceremony {
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly rpId?: string;
  readonly uv?: boolean;
  readonly synced?: boolean;
  readonly counter?: number;
  readonly type?: string;
}

export interface SoftKey {
  readonly credentialId: string;
  register(challenge: string, how?: Ceremony): Registration;
  /** Signs a challenge; `counter` stands still unless said. */
  assert(challenge: string, how?: Ceremony): Assertion;
}

/** Where a key believes it is, and what it says of itself. */
type Settings = Required<Omit<Ceremony, 'type'>>;

/** A key of nobody's making, unless a maker is given that vouches for it. */
export function softKey(
  home: { readonly origin: string; readonly rpId: string },
  usual: Ceremony = {},
  maker: KeyMaker | null = null,
): SoftKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(32);
  const credentialId = base64url(id);
  const envelope = { id: credentialId, rawId: credentialId, type: 'public-key' as const, clientExtensionResults: {} };
  const settings = (how: Ceremony): Settings => ({
    ...home,
    crossOrigin: false,
    uv: true,
    synced: false,
    counter: 0,
    ...usual,
    ...how,
  });
  return {
    credentialId,
    register(challenge, how = {}) {
      const authData = authenticatorData(settings(how), attested(maker, id, publicKey));
      const clientDataJSON = clientData(how.type ?? 'webauthn.create', challenge, settings(how));
      const made = { authData, clientDataHash: sha256(clientDataJSON), credentialId: id, publicKey, privateKey };
      const { format, statement } = maker?.attest(made) ?? { format: 'none', statement: new Map() };
      const attestationObject = cbor(
        new Map<string, Cbor>([
          ['fmt', format],
          ['attStmt', statement],
          ['authData', authData],
        ]),
      );
      const response = { clientDataJSON: base64url(clientDataJSON), attestationObject: base64url(attestationObject) };
      return { ...envelope, response: { ...response, transports: ['usb'] } };
    },
    assert(challenge, how = {}) {
      const authData = authenticatorData(settings(how), null);
      const client = clientData(how.type ?? 'webauthn.get', challenge, settings(how));
      const signature = signBytes('sha256', Buffer.concat([authData, sha256(client)]), privateKey);
      const response = { clientDataJSON: base64url(client), authenticatorData: base64url(authData) };
      return { ...envelope, response: { ...response, signature: base64url(signature) } };
    },
  };
}

const clientData = (type: string, challenge: string, { origin, crossOrigin }: Settings): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));

function authenticatorData({ rpId, uv, synced, counter }: Settings, credential: Buffer | null): Buffer {
  const flags = 0x01 | (uv ? 0x04 : 0) | (synced ? 0x18 : 0) | (credential === null ? 0 : 0x40);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, credential ?? Buffer.alloc(0)]);
}

/** The model, the credential's id, and its key as COSE. */
function attested(maker: KeyMaker | null, id: Buffer, publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const cose = (maker?.cose ?? p256)(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'));
  return Buffer.concat([maker?.aaguid ?? randomBytes(16), Buffer.from([0, id.length]), id, cbor(cose)]);
}

const p256 = (x: Buffer, y: Buffer): ReadonlyMap<Cbor, Cbor> =>
  new Map<Cbor, Cbor>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, x],
    [-3, y],
  ]);
