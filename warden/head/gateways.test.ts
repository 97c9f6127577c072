import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { digestOf, iso, type Json, newId, sha256Base64url } from '#lib/core';
import { profileHash } from '#lib/profiles';
import {
  askDigest,
  keyThumbprint,
  type Look,
  openSealed,
  Probe,
  type Report,
  secretContext,
  signRecord,
} from '#lib/records';
import { askOf } from '#lib/requests';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { change, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { tryProvider } from '#warden/preview';

/*
 * Somebody puts a key of their own where the warden looks for the gateway's.
 * Nothing it signs is believed and no secret is sealed to it, until an owner
 * has signed for it; from then on the other one counts for nothing.
 */

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let agent: TestAgent;
let targetId: string;
let config: ReturnType<typeof httpConfig>;

const { privateKey: newer } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SOON = { timeout: 10_000, interval: 50 };

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  config = httpConfig(provider.url);
  targetId = await addUpstream(house, config, provider.secret);
  await house.copy.close();
  const pem = createPublicKey(newer).export({ type: 'spki', format: 'pem' });
  writeFileSync(join(house.keys.publicDir, 'gateway.pem'), pem);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});

const alarms = () => house.recorded.alarms.list().map(({ code }) => code);
const authority = () => house.warden.authority.current(house.warden.db);

/** Whether people get to decide on what a look by this key says. */
async function isLookBelieved(by: KeyObject): Promise<boolean> {
  const id = await file(house, agent, targetId, { resources: ['path/v1/things/1'], verbs: ['delete'] });
  const request = await house.owner.request.findUniqueOrThrow({ where: { id } });
  const preview = { effects: ['Deletes a thing.'], touched: [], warnings: [], maxRows: null, plan: null };
  const look: Look = {
    requestId: id,
    ask: askDigest(id, agent.id, targetId, askOf(request)),
    targetChainHash: (await authority()).targets.get(targetId)?.chainHash ?? '',
    profileHash: profileHash(config.profile),
    at: iso(new Date()),
    outcome: { kind: 'found', operation: null, acts: [], danger: 9, preview },
  };
  const record = signRecord(by, 'look', look as unknown as Json);
  await house.owner.look.create({ data: { id: newId('prb'), kind: 'request', subjectId: id, ...record } });
  await vi.waitUntil(async () => (await house.owner.look.count()) === 0, SOON);
  return (await house.owner.request.findUniqueOrThrow({ where: { id } })).state === 'pending';
}

async function isCopyBelieved(by: KeyObject): Promise<boolean> {
  const { kty, crv, x, y } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const [id, jwk] = [newId('gwi'), { kty, crv, x, y } as Json];
  const row = { id, ...signRecord(by, 'instance', { id, jwk, issuedAt: iso(new Date()) }) };
  return house.warden.gateways.instanceKey(await authority(), row) !== null;
}

const trying = () =>
  tryProvider(house.warden, { targetId: newId('tgt'), config, secret: { typed: 'canary' }, signed: true });

/** What was asked of the gateway, once it is there. */
async function asked(): Promise<Probe> {
  const row = await vi.waitUntil(() => house.owner.probe.findFirst(), SOON);
  return Probe.parse(JSON.parse(row.body));
}

async function report({ id, targetId: of, config: tried, ciphertext }: Probe, by: KeyObject): Promise<void> {
  const body: Report = {
    ...{ probeId: id, targetId: of, config: digestOf(tried), ciphertext: sha256Base64url(ciphertext) },
    at: iso(new Date()),
    outcome: {
      ...{ kind: 'seen', version: '1', answered: null, dangers: [], warnings: [] },
      ...{ schemaHash: null, schemaChanged: false },
    },
  };
  const record = signRecord(by, 'report', body as unknown as Json);
  await house.owner.look.create({ data: { id: newId('prb'), kind: 'probe', subjectId: id, ...record } });
}

describe('A key that nobody signed for', () => {
  test('raises an alarm by itself', async () => {
    await expect.poll(alarms, SOON).toContain('gateway_key_differs');
    expect(house.warden.gateways.key(await authority())).toBeNull();
  });

  test('is believed in no look and certifies no copy, and the signed one, which it took the place of, neither', async () => {
    for (const key of [newer, house.keys.gatewayKey]) {
      expect(await isLookBelieved(key)).toBe(false);
      expect(await isCopyBelieved(key)).toBe(false);
    }
  });

  test('has no secret sealed to it', async () => {
    await expect(trying()).rejects.toMatchObject({ code: 'minting_stopped' });
    expect(await house.owner.probe.count()).toBe(0);
  });
});

describe('Once an owner has signed for it', () => {
  beforeAll(async () => {
    const { warden, ada, keys } = house;
    const [before, thumbprint] = [keyThumbprint(keys.gatewayKey), keyThumbprint(newer)];
    await change({ warden, ada }, { kind: 'gateway.replace', before, thumbprint });
  });

  test('the alarm is over', async () => {
    await expect.poll(alarms, SOON).not.toContain('gateway_key_differs');
  });

  test('it is believed in looks and certifies copies, and the one before it no more', async () => {
    expect(await isLookBelieved(newer)).toBe(true);
    expect(await isCopyBelieved(newer)).toBe(true);
    expect(await isLookBelieved(house.keys.gatewayKey)).toBe(false);
    expect(await isCopyBelieved(house.keys.gatewayKey)).toBe(false);
  });

  test('secrets are sealed to it, and its reports count', async () => {
    const tried = trying();
    const probe = await asked();
    expect(await openSealed(newer, secretContext(probe.targetId, config), probe.ciphertext)).toBe('canary');
    await report(probe, newer);
    expect(await tried).toMatchObject({ ciphertext: probe.ciphertext });
  });

  test('a report by the one before it does not', async () => {
    const refused = expect(trying()).rejects.toMatchObject({ code: 'minting_stopped' });
    await report(await asked(), house.keys.gatewayKey);
    await refused;
  });

  test('the one before it, put back, is the stranger', async () => {
    const pem = house.keys.gatewayPublicKey.export({ type: 'spki', format: 'pem' });
    writeFileSync(join(house.keys.publicDir, 'gateway.pem'), pem);
    await expect.poll(alarms, SOON).toContain('gateway_key_differs');
    expect(await isLookBelieved(house.keys.gatewayKey)).toBe(false);
    await expect(trying()).rejects.toMatchObject({ code: 'minting_stopped' });
  });
});
