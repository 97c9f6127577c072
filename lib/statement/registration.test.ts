import { sign } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { base64url, newId } from '#lib/core';
import {
  type Attestation,
  type Cbor,
  type Ceremony,
  certify,
  context,
  element,
  enumerated,
  integer,
  type Made,
  newAuthority,
  octets,
  sequence,
  set,
  softKey,
  WRONG_CEREMONIES,
} from '#testing/security-key';
import { challengeOf, registrationOptions, verifyRegistration } from './index';

const SIGN = { origin: 'https://sign.example.com', rpId: 'example.com' };
const challenge = challengeOf('{"a":1}');
const text = base64url(challenge);
const key = softKey(SIGN);
const register = (how: Ceremony = {}) =>
  verifyRegistration({ registration: key.register(text, how), challenge, relyingParty: SIGN });
const refused = { code: 'statement_refused' };

afterEach(() => vi.unstubAllGlobals());

describe('a registration', () => {
  test('tells what the key is', async () => {
    expect(await register()).toMatchObject({
      class: 'hardware',
      credentialId: key.credentialId,
      counter: 0n,
      transports: ['usb'],
    });
    expect(await register({ synced: true })).toMatchObject({ class: 'synced' });
  });

  test.each([...WRONG_CEREMONIES, ['as a signature (T6)', { type: 'webauthn.get' }]] as const)(
    '%s is refused',
    async (_name, how) => {
      await expect(register(how)).rejects.toMatchObject(refused);
    },
  );

  test('asks for attestation, a discoverable credential and a verified person', async () => {
    const human = { id: newId('hum'), name: 'Ada', email: 'ada@example.com' };
    const options = await registrationOptions({ relyingParty: SIGN, challenge, human, exclude: [key.credentialId] });
    expect(options).toMatchObject({
      attestation: 'direct',
      challenge: text,
      rp: { id: 'example.com' },
      excludeCredentials: [{ id: key.credentialId }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  });
});

describe('what a maker says of its key', () => {
  const address = element(0x86, Buffer.from('http://169.254.169.254/latest'));
  const points = { id: '2.5.29.31', value: sequence(sequence(context(0, context(0, address)))) };
  const authority = newAuthority({ CN: 'A stranger' }, undefined, { extensions: [points] });

  /** Android's key attestation (WebAuthn §8.4), right in all but whose it is. */
  function android({ authData, clientDataHash, publicKey, privateKey }: Made): Attestation {
    const enforced = sequence(context(1, set(integer(2))), context(702, integer(0)));
    const hardware = [integer(3), enumerated(1), integer(4), enumerated(1)];
    const description = sequence(...hardware, octets(clientDataHash), octets(Buffer.alloc(0)), sequence(), enforced);
    const described = { id: '1.3.6.1.4.1.11129.2.1.17', value: description };
    const leaf = certify({ subject: { CN: 'Key' }, publicKey, extensions: [described, points] }, authority);
    return {
      format: 'android-key',
      statement: new Map<string, Cbor>([
        ['alg', -7],
        ['sig', sign('sha256', Buffer.concat([authData, clientDataHash]), privateKey)],
        ['x5c', [leaf.raw, authority.certificate.raw]],
      ]),
    };
  }

  const odd = (format: string) => (): Attestation => ({ format, statement: new Map([['x5c', [Buffer.from('odd')]]]) });

  test.each([
    ['android-key, a whole chain', android],
    ...['android-key', 'android-safetynet', 'apple', 'packed', 'fido-u2f', 'tpm', 'none', 'unheard-of'].map(
      (format) => [format, odd(format)] as const,
    ),
  ] as const)('is not read, and nobody is called for it: %s (T56)', async (_name, attest) => {
    const called = vi.fn(() => Promise.reject(new Error('no network')));
    vi.stubGlobal('fetch', called);
    const made = softKey(SIGN, {}, attest);
    const input = { registration: made.register(text), challenge, relyingParty: SIGN };
    const [registered] = await Promise.allSettled([verifyRegistration(input)]);
    expect(called).not.toHaveBeenCalled();
    expect(registered).toMatchObject({ value: { class: 'hardware', credentialId: made.credentialId } });
  });

  test.each(['', 'AAAA', 'oA', 'o2NmbXRkbm9uZQ'])(
    'that is no attestation object at all is refused: “%s”',
    async (none) => {
      const registration = key.register(text);
      const response = { ...registration.response, attestationObject: none };
      await expect(
        verifyRegistration({ registration: { ...registration, response }, challenge, relyingParty: SIGN }),
      ).rejects.toMatchObject(refused);
    },
  );
});
