import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyThumbprint } from '#lib/records';
import { softKey } from '#testing/security-key';
import {
  admit,
  type Member,
  offered,
  openSignOrigin,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';

let signOrigin: SignOrigin;
let ada: Member;
let first: string;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
  first = keyThumbprint(signOrigin.keys.gatewayPublicKey);
});
afterEach(() => signOrigin.close());

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const replace = (thumbprint: string) => ({ kind: 'gateway.replace', params: { thumbprint } }) as const;
const inForce = async () => (await signOrigin.warden.authority.current(signOrigin.warden.db)).gatewayKey;
const alarm = () => signOrigin.warden.alarms.list().find(({ code }) => code === 'gateway_key_differs')?.text;

/** Puts a key into the public folder, as the starter does. */
function put(key: KeyObject): string {
  writeFileSync(join(signOrigin.keys.publicDir, 'gateway.pem'), key.export({ type: 'spki', format: 'pem' }));
  return keyThumbprint(key);
}

test('Only an owner gives the gateway another key, and only the one that lies in the public folder', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const next = put(newKey());
  expect(await signTicket(signOrigin, bob, replace(next))).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', detail: 'Only an owner may change this.' },
  });
  expect(await signTicket(signOrigin, ada, replace(keyThumbprint(newKey())))).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  });
  expect(await inForce()).toBe(first);
  expect(await signTicket(signOrigin, ada, replace(next))).toMatchObject({ status: 200 });
  expect(await inForce()).toBe(next);
});

test('The key that counts already is not signed for again, nor a statement twice', async () => {
  expect(await signTicket(signOrigin, ada, replace(first))).toMatchObject({
    status: 403,
    body: { code: 'not_allowed' },
  });
  const offer = await offered(signOrigin, ada, replace(put(newKey())));
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 200 });
  expect(await submit(signOrigin, offer, ada.key)).not.toMatchObject({ status: 200 });
});

test('Two owners who reviewed the same change give one key: the later signature is refused', async () => {
  const eve = await admit(signOrigin, ada, 'Eve', 'owner', softKey(signOrigin.home));
  const ask = replace(put(newKey()));
  const offers = [await offered(signOrigin, ada, ask), await offered(signOrigin, eve, ask)] as const;
  expect(await submit(signOrigin, offers[0], ada.key)).toMatchObject({ status: 200 });
  expect(await submit(signOrigin, offers[1], eve.key)).not.toMatchObject({ status: 200 });
});

test('Until it is signed for, neither key is believed; a missing file is said to be missing', async () => {
  const authority = await signOrigin.warden.authority.current(signOrigin.warden.db);
  expect(signOrigin.warden.gateways.key(authority)).not.toBeNull();
  put(newKey());
  expect(signOrigin.warden.gateways.key(authority)).toBeNull();
  expect(alarm()).toContain('is not the one an owner signed for');
  rmSync(join(signOrigin.keys.publicDir, 'gateway.pem'));
  expect(signOrigin.warden.gateways.key(authority)).toBeNull();
  expect(alarm()).toContain('There is no gateway key in PUBLIC_DIR');
  put(signOrigin.keys.gatewayPublicKey);
  expect(signOrigin.warden.gateways.key(authority)).not.toBeNull();
  expect(alarm()).toBeUndefined();
});
