import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyThumbprint } from '#lib/records';
import { softKey } from '#testing/security-key';
import { admit, type Desk, type Member, offered, openDesk, setUp, signTicket, submit } from '#testing/sign-origin';

let desk: Desk;
let ada: Member;
let first: string;
beforeEach(async () => {
  desk = await openDesk();
  ada = await setUp(desk, softKey(desk.home));
  first = keyThumbprint(desk.keys.gatewayPublicKey);
});
afterEach(() => desk.close());

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const replace = (thumbprint: string) => ({ kind: 'gateway.replace', params: { thumbprint } }) as const;
const inForce = async () => (await desk.warden.authority.current(desk.warden.db)).gatewayKey;
const alarm = () => desk.warden.alarms.list().find(({ code }) => code === 'gateway_key_differs')?.text;

/** Puts a key into the public folder, as the starter does. */
function put(key: KeyObject): string {
  writeFileSync(join(desk.keys.publicDir, 'gateway.pem'), key.export({ type: 'spki', format: 'pem' }));
  return keyThumbprint(key);
}

test('Only an owner gives the gateway another key, and only the one that lies in the public folder', async () => {
  const bob = await admit(desk, ada, 'Bob', 'approver', softKey(desk.home));
  const next = put(newKey());
  expect(await signTicket(desk, bob, replace(next))).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', detail: 'Only an owner may change this.' },
  });
  expect(await signTicket(desk, ada, replace(keyThumbprint(newKey())))).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  });
  expect(await inForce()).toBe(first);
  expect(await signTicket(desk, ada, replace(next))).toMatchObject({ status: 200 });
  expect(await inForce()).toBe(next);
});

test('The key that counts already is not signed for again, nor a statement twice', async () => {
  expect(await signTicket(desk, ada, replace(first))).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  const offer = await offered(desk, ada, replace(put(newKey())));
  expect(await submit(desk, offer, ada.key)).toMatchObject({ status: 200 });
  expect(await submit(desk, offer, ada.key)).not.toMatchObject({ status: 200 });
});

test('Two owners who reviewed the same change give one key: the later signature is refused', async () => {
  const eve = await admit(desk, ada, 'Eve', 'owner', softKey(desk.home));
  const ask = replace(put(newKey()));
  const offers = [await offered(desk, ada, ask), await offered(desk, eve, ask)] as const;
  expect(await submit(desk, offers[0], ada.key)).toMatchObject({ status: 200 });
  expect(await submit(desk, offers[1], eve.key)).not.toMatchObject({ status: 200 });
});

test('Until it is signed for, neither key is believed; a missing file is said to be missing', async () => {
  const authority = await desk.warden.authority.current(desk.warden.db);
  expect(desk.warden.gateways.key(authority)).not.toBeNull();
  put(newKey());
  expect(desk.warden.gateways.key(authority)).toBeNull();
  expect(alarm()).toContain('is not the one an owner signed for');
  rmSync(join(desk.keys.publicDir, 'gateway.pem'));
  expect(desk.warden.gateways.key(authority)).toBeNull();
  expect(alarm()).toContain('There is no gateway key in PUBLIC_DIR');
  put(desk.keys.gatewayPublicKey);
  expect(desk.warden.gateways.key(authority)).not.toBeNull();
  expect(alarm()).toBeUndefined();
});
