import {
  AuthenticatorEmulator,
  type AuthenticatorParameters,
  default as WebAuthnEmulator,
} from 'nid-webauthn-emulator';
import { base64url, newId } from '#lib/core';
import type { Db } from '#lib/db';
import { registrationOptions, verifyRegistration } from '#lib/statement';
import { NO_MAKERS } from '#testing/security-key';

/*
 * Only for tests: people with software keys. Rows are put in as the tables'
 * owner, as the warden's projection would.
 */

export const WEB = { origin: 'http://localhost:3000', rpId: 'localhost' };
export const SIGN = { origin: 'http://localhost:3100', rpId: 'localhost' };

/** A person and the key they hold. */
export interface Person {
  readonly id: string;
  readonly keyId: string;
  /** What the browser sends after signing this challenge on that origin. */
  sign(challenge: string, origin?: string): unknown;
}

/** Registers a software authenticator and inserts its person, active, with the class it proved. */
export async function person(
  owner: Db,
  {
    role = 'owner',
    name = 'Ada',
    authenticator = {},
  }: { role?: string; name?: string; authenticator?: Partial<AuthenticatorParameters> } = {},
): Promise<Person> {
  const emulator = new WebAuthnEmulator(new AuthenticatorEmulator(authenticator));
  const [id, keyId] = [newId('hum'), newId('key')];
  const human = { id, name, email: `${id}@example.com` };
  const challenge = new Uint8Array(32).fill(7);
  const options = await registrationOptions({ relyingParty: SIGN, challenge, human, exclude: [] });
  const created = emulator.createJSON(SIGN.origin, options as Parameters<typeof emulator.createJSON>[1]);
  const registration = created as unknown as Parameters<typeof verifyRegistration>[0]['registration'];
  const asked = { challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() };
  const { unproven: _, ...key } = await verifyRegistration({ registration, ...asked });
  await owner.human.create({ data: { ...human, role, state: 'active' } });
  await owner.key.create({ data: { ...key, id: keyId, humanId: id, label: 'Test key', state: 'active' } });
  return {
    id,
    keyId,
    sign: (text, origin = WEB.origin) =>
      emulator.getJSON(origin, {
        challenge: text,
        rpId: WEB.rpId,
        userVerification: 'discouraged',
        allowCredentials: [],
      }),
  };
}

export const otherChallenge = (): string => base64url(new Uint8Array(32).fill(9));
