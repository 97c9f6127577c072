import { describe, expect, test } from 'vitest';
import { base64url, newId } from '#lib/core';
import { type Ceremony, NO_MAKERS, softKey, WRONG_CEREMONIES } from '#testing/security-key';
import { challengeOf, registrationOptions, verifyRegistration } from './index';

const SIGN = { origin: 'https://sign.example.com', rpId: 'example.com' };
const challenge = challengeOf('{"a":1}');
const text = base64url(challenge);
const key = softKey(SIGN);
const ceremony = { challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() };
const register = (how: Ceremony = {}) => verifyRegistration({ registration: key.register(text, how), ...ceremony });
const refused = { code: 'statement_refused' };

describe('a registration', () => {
  test('tells what the key is', async () => {
    expect(await register()).toMatchObject({
      class: 'claimed',
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

  test.each(['', 'AAAA', 'oA', 'o2NmbXRkbm9uZQ'])(
    'that is no attestation object at all is refused: “%s”',
    async (none) => {
      const registration = key.register(text);
      const response = { ...registration.response, attestationObject: none };
      await expect(
        verifyRegistration({ registration: { ...registration, response }, ...ceremony }),
      ).rejects.toMatchObject(refused);
    },
  );
});
