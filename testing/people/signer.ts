import { AuthenticatorEmulator, default as WebAuthnEmulator } from 'nid-webauthn-emulator';
import { base64url, type CanonicalJson, newId, randomToken } from '#lib/core';
import {
  type Assertion,
  challengeOf,
  type KeyFacts,
  registrationOptions,
  type Statement,
  sealStatement,
  verifyRegistration,
} from '#lib/statement';
import { NO_MAKERS } from '#testing/security-key';
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

export async function signer(name: string, role: Signer['human']['role'] = 'owner'): Promise<Signer> {
  const emulator = new WebAuthnEmulator(new AuthenticatorEmulator());
  const id = newId('hum');
  const human = { id, name, email: `${id}@example.com`, role };
  const challenge = new Uint8Array(32).fill(7);
  const options = await registrationOptions({ relyingParty: SIGN, challenge, human, exclude: [] });
  const created = emulator.createJSON(SIGN.origin, options as Parameters<typeof emulator.createJSON>[1]);
  const registration = created as unknown as Parameters<typeof verifyRegistration>[0]['registration'];
  const {
    credentialId,
    publicKey,
    aaguid,
    class: kind,
  } = await verifyRegistration({
    registration,
    ...{ challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() },
  });
  return {
    human,
    key: { id: newId('key'), credentialId, publicKey, class: kind, aaguid, label: 'Test key' },
    sign(statement, origin = SIGN.origin) {
      const bytes = sealStatement(statement);
      const asked: Parameters<typeof emulator.getJSON>[1] = {
        challenge: base64url(challengeOf(bytes)),
        rpId: SIGN.rpId,
        userVerification: 'required',
        allowCredentials: [{ id: credentialId, type: 'public-key' }],
      };
      return { bytes, assertion: emulator.getJSON(origin, asked) as unknown as Assertion };
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
