import { AuthenticatorEmulator, default as WebAuthnEmulator } from 'nid-webauthn-emulator';
import { base64url, type CanonicalJson, newId, randomToken } from '#lib/core';
import {
  type Assertion,
  challengeOf,
  type KeyFacts,
  type Registration,
  registrationOptions,
  type Statement,
  sealStatement,
  verifyRegistration,
} from '#lib/statement';
import { NO_MAKERS, type SoftKey } from '#testing/security-key';
import { SIGN } from './people';

/*
 * Only for tests: a person with a software key on the sign origin.
 */

type HumanId = `hum_${string}`;

export interface Signer {
  readonly human: {
    readonly id: HumanId;
    readonly name: string;
    readonly email: string;
    readonly role: 'owner' | 'approver' | 'reviewer';
  };
  readonly key: KeyFacts;
  /** Signs the statement's one spelling, on that origin. */
  sign(statement: Statement, origin?: string): { readonly bytes: CanonicalJson; readonly assertion: Assertion };
}

/** What answers the browser's two calls. */
type Authenticator = Pick<SoftKey, 'register' | 'assert'>;

/** Of a key that is copied about, as phones have them, unless another one is given. */
export async function signer(
  name: string,
  role: Signer['human']['role'] = 'owner',
  key?: Authenticator,
): Promise<Signer> {
  const id = newId('hum');
  const human = { id, name, email: `${id}@example.com`, role };
  const challenge = new Uint8Array(32).fill(7);
  const authenticator = key ?? (await passkeyOf(human, challenge));
  const made = await verifyRegistration({
    registration: authenticator.register(base64url(challenge)),
    ...{ challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() },
  });
  const { credentialId, publicKey, aaguid, class: kind } = made;
  return {
    human,
    key: { id: newId('key'), credentialId, publicKey, class: kind, aaguid, label: 'Test key' },
    sign(statement, origin = SIGN.origin) {
      const bytes = sealStatement(statement);
      return { bytes, assertion: authenticator.assert(base64url(challengeOf(bytes)), { origin }) };
    },
  };
}

async function passkeyOf(human: Signer['human'], challenge: Uint8Array): Promise<Authenticator> {
  const emulator = new WebAuthnEmulator(new AuthenticatorEmulator());
  const options = await registrationOptions({ relyingParty: SIGN, challenge, human, exclude: [] });
  const created = emulator.createJSON(SIGN.origin, options as Parameters<typeof emulator.createJSON>[1]);
  const { id } = created;
  return {
    register: () => created as unknown as Registration,
    assert(text, { origin = SIGN.origin } = {}) {
      const asked: Parameters<typeof emulator.getJSON>[1] = {
        challenge: text,
        rpId: SIGN.rpId,
        userVerification: 'required',
        allowCredentials: [{ id, type: 'public-key' }],
      };
      return emulator.getJSON(origin, asked) as unknown as Assertion;
    },
  };
}

/** What every statement of this person begins with. */
export function envelope({ human, key }: Signer, now: Date) {
  return {
    type: 'countersign/statement',
    version: 1,
    nonce: randomToken(24),
    issuedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + 300_000).toISOString(),
    approver: { id: human.id, name: human.name },
    key: { id: key.id, class: key.class },
    log: { events: 0, head: null },
  } as const;
}
