import type { CDPSession, Page } from 'playwright';
import { base64url } from '#lib/core';
import { vouchAsChromium } from './makers';

/** A virtual authenticator in a page's browser: it answers every touch and every PIN by itself. */
export interface SecurityKey {
  /** What it holds, private keys included: to lend it to another page. */
  credentials(): Promise<Credential[]>;
  /** Whether it still says that its person was verified. */
  verifiesUser(verifies: boolean): Promise<void>;
  /** Whether anybody touches it when it blinks. */
  answers(answers: boolean): Promise<void>;
}

export type Credential = Awaited<ReturnType<typeof credentialsOf>>[number];

interface Kind {
  /** A passkey that a vendor's cloud copies about (backup-eligible). */
  readonly synced?: boolean;
  /** Credentials to start with. */
  readonly holding?: readonly Credential[];
}

export async function plugIn(page: Page, { synced = false, holding = [] }: Kind = {}): Promise<SecurityKey> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: synced ? 'internal' : 'usb',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...(synced ? { defaultBackupEligibility: true, defaultBackupState: true } : {}),
    },
  });
  await vouch(page);
  for (const credential of holding) await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
  return {
    credentials: () => credentialsOf(cdp, authenticatorId),
    verifiesUser: async (verifies) =>
      void (await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: verifies })),
    answers: async (enabled) =>
      void (await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })),
  };
}

/** In a page: what `create` returns carries the attestation of a maker that names its model. */
const VOUCHED = `{
  const create = navigator.credentials?.create.bind(navigator.credentials);
  if (create && !window.vouched) {
    window.vouched = true;
    navigator.credentials.create = async (options) => {
      const credential = await create(options);
      const json = credential.toJSON();
      const { authenticatorData, clientDataJSON } = json.response;
      json.response.attestationObject = await window.vouch(authenticatorData, clientDataJSON);
      credential.toJSON = () => json;
      return credential;
    };
  }
}`;

const vouching = new WeakSet<Page>();

async function vouch(page: Page): Promise<void> {
  if (vouching.has(page)) return;
  vouching.add(page);
  await page.exposeFunction('vouch', (authData: string, clientData: string): string =>
    base64url(vouchAsChromium(Buffer.from(authData, 'base64url'), Buffer.from(clientData, 'base64url'))),
  );
  await page.addInitScript({ content: VOUCHED });
  await page.evaluate(VOUCHED);
}

async function credentialsOf(cdp: CDPSession, authenticatorId: string) {
  return (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
}
