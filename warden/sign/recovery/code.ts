import { createECDH, createPrivateKey, hkdfSync, type KeyObject, randomInt, sign } from 'node:crypto';
import { base64url, sha256 } from '#lib/core';
import { type Assertion, challengeOf, type RelyingParty } from '#lib/statement';

/*
 * A recovery code is a key: 125 random bits that a person can write down, and the
 * key on P-256 that follows from them. Only its public half is kept.
 */

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 25;

export const newCode = (): string => Array.from({ length: LENGTH }, () => CROCKFORD.charAt(randomInt(32))).join('');

/** As it is written down: five groups of five. */
export const grouped = (code: string): string => (code.match(/.{5}/g) ?? []).join('-');

/** Reads what was typed: case, spaces and letters that look like digits do not matter. Null for what is no code. */
export function readCode(typed: string): string | null {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return text.length === LENGTH && [...text].every((letter) => CROCKFORD.includes(letter)) ? text : null;
}

export interface CodeKey {
  readonly privateKey: KeyObject;
  /** COSE_Key, base64url. */
  readonly publicKey: string;
  readonly credentialId: string;
}

export function keyOf(code: string): CodeKey {
  const secret = Buffer.from(hkdfSync('sha256', code, '', 'countersign/recovery/v1', 32));
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(secret);
  const point = pair.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)];
  const jwk = { kty: 'EC', crv: 'P-256', d: base64url(secret), x: base64url(x), y: base64url(y) };
  // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
  const cose = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), x, Buffer.from('225820', 'hex'), y]);
  return {
    privateKey: createPrivateKey({ key: jwk, format: 'jwk' }),
    publicKey: base64url(cose),
    credentialId: base64url(sha256(cose)),
  };
}

const PRESENT_AND_VERIFIED = 0x05;

/** Signs a statement as a key at the sign origin does, so that the chain checks it like any other's. */
export function signWith(key: CodeKey, statement: string, { origin, rpId }: RelyingParty): Assertion {
  const challenge = base64url(challengeOf(statement));
  const client = Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false }));
  const authData = Buffer.concat([sha256(rpId), Buffer.from([PRESENT_AND_VERIFIED]), Buffer.alloc(4)]);
  const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), key.privateKey);
  return {
    ...{ id: key.credentialId, rawId: key.credentialId, type: 'public-key', clientExtensionResults: {} },
    response: {
      clientDataJSON: base64url(client),
      authenticatorData: base64url(authData),
      signature: base64url(signature),
    },
  };
}
