import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { digestOf, type Json, newId, sha256Base64url } from '#lib/core';
import { Look, openRecord, Report, sealTo, secretContext, signRecord } from '#lib/records';
import type { UpstreamConfig } from '#lib/targets';
import { addUpstream, type CastUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';

/* What the gateway finds out by itself, and leaves signed in rows. */

let house: House;
let provider: CastUpstream<Map<string, unknown>>;
let agent: TestAgent;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  targetId = await addUpstream(house, httpConfig(provider.url), provider.secret);
  await house.stopAnswering();
});
afterAll(async () => {
  house.answerAgain();
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  await house.owner.probe.deleteMany();
  await house.owner.look.deleteMany();
});

const ask = { resources: ['path/v1/things/1'], verbs: ['delete'] };
const operation = { method: 'DELETE', path: '/v1/things/1' };
const SOON = { timeout: 10_000, interval: 50 };

async function lookOf(subjectId: string): Promise<Look> {
  const find = () => house.owner.look.findFirst({ where: { kind: 'request', subjectId } });
  await expect.poll(find, SOON).not.toBeNull();
  const look = openRecord(house.keys.gatewayPublicKey, 'look', Look, (await find()) ?? { body: '', signature: '' });
  if (look === null) throw new Error('not signed by the gateway');
  return look;
}

describe('A request at a provider', () => {
  test('is looked at: the operation as it would be sent, its acts, its danger, of the target as it was signed', async () => {
    const id = await file(house, agent, targetId, { ...ask, operation });
    const { requestId, targetChainHash, outcome } = await lookOf(id);
    expect(requestId).toBe(id);
    expect(targetChainHash).toBe(house.gateway.head.state()?.targets.get(targetId)?.chainHash);
    expect(outcome).toMatchObject({ kind: 'found', operation, danger: 2 });
    if (outcome.kind === 'found') expect(outcome.acts).toMatchObject([{ class: 'destructive', verb: 'delete' }]);
  });

  test('that nobody could know is refused, in words that the agent is told (P7)', async () => {
    const other = { resources: ['path/v1/other'], verbs: ['delete'], operation };
    const { outcome } = await lookOf(await file(house, agent, targetId, other));
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('/resources: Send') });
  });

  test('that is refused as it stands is refused at once, however long the same agent’s other looks take (P1, T79)', async () => {
    const github = await addAway(httpConfig(provider.url, { name: 'slow', profile: 'github-rest' }));
    const path = '/repos/acme/site';
    const right = { resources: ['repo/acme/site'], verbs: ['delete'], operation: { method: 'DELETE', path } };
    provider.misbehave(path, 'silence');
    const slow = await Promise.all(Array.from({ length: 6 }, () => file(house, agent, github, right)));
    await expect.poll(() => provider.received.filter((line) => line.includes(path)).length, SOON).toBeGreaterThan(3);
    const wrong = await file(house, agent, github, { ...right, resources: ['repo/acme/other'] });
    expect((await lookOf(wrong)).outcome).toMatchObject({ kind: 'refused' });
    expect(await house.owner.look.count({ where: { subjectId: { in: slow } } })).toBe(0);
    provider.misbehave(path, null);
    await house.owner.request.updateMany({ where: { id: { in: slow } }, data: { state: 'cancelled' } });
  });

  test('that the provider’s address keeps from being looked at goes to people with the reason, at once', async () => {
    const nowhere = await addAway(httpConfig('http://169.254.169.254/', { name: 'metadata', privateNetwork: true }));
    const { outcome } = await lookOf(await file(house, agent, nowhere, { ...ask, operation }));
    expect(outcome).toEqual({ kind: 'blocked', reason: expect.stringContaining('No target lives there.') });
  });

  test('is looked at by one of two copies', async () => {
    const other = await house.anotherCopy('looking');
    const ids = await Promise.all(Array.from({ length: 6 }, () => file(house, agent, targetId, { ...ask, operation })));
    for (const id of ids) await lookOf(id);
    await other.close();
    for (const subjectId of ids) expect(await house.owner.look.count({ where: { subjectId } })).toBe(1);
  });

  test('waits while its provider is away, and an alarm says so', async () => {
    const config = httpConfig('http://127.0.0.1:1/', { name: 'away', profile: 'github-rest' });
    const elsewhere = await addAway(config);
    const resources = ['repo/acme/site'];
    const path = '/repos/acme/site';
    const id = await file(house, agent, elsewhere, {
      resources,
      verbs: ['delete'],
      operation: { method: 'DELETE', path },
    });
    await expect.poll(() => house.gateway.alarms.list().map(({ code }) => code), SOON).toContain('target_unreachable');
    expect(await house.owner.look.count({ where: { subjectId: id } })).toBe(0);
    await house.owner.request.update({ where: { id }, data: { state: 'cancelled' } });
    await expect
      .poll(() => house.gateway.alarms.list().map(({ code }) => code), SOON)
      .not.toContain('target_unreachable');
  });
});

/** A target whose provider answers nothing, signed without having been tried. */
async function addAway(config: UpstreamConfig): Promise<string> {
  const { addTarget } = await import('#testing/warden');
  house.answerAgain();
  const id = await addTarget(house, config, provider.secret);
  await house.stopAnswering();
  return id;
}

describe('A target that is being added', () => {
  async function probe(secret: string, signingKey = house.warden.vault.signingKey): Promise<string> {
    const [id, newTargetId] = [newId('prb'), newId('tgt')];
    const config = httpConfig(provider.url, { name: 'new', profile: 'github-rest' });
    const ciphertext = await sealTo(house.keys.gatewayPublicKey, secretContext(newTargetId, config), secret);
    const value = { id, targetId: newTargetId, config, ciphertext, signed: false, at: new Date().toISOString() };
    await house.warden.db.probe.create({ data: { id, ...signRecord(signingKey, 'probe', value as unknown as Json) } });
    return id;
  }

  async function reportOf(subjectId: string): Promise<Report> {
    const find = () => house.owner.look.findFirst({ where: { kind: 'probe', subjectId } });
    await expect.poll(find, SOON).not.toBeNull();
    const report = openRecord(
      house.keys.gatewayPublicKey,
      'report',
      Report,
      (await find()) ?? { body: '', signature: '' },
    );
    if (report === null) throw new Error('not signed by the gateway');
    return report;
  }

  test('is tried with what was typed, and what it answered is told of that very config and ciphertext', async () => {
    const { outcome, config, ciphertext, targetId: of } = await reportOf(await probe(provider.secret));
    expect(outcome).toMatchObject({ kind: 'seen', dangers: [], schemaHash: null });
    expect(provider.received.filter((line) => line.startsWith('GET /user'))).not.toEqual([]);
    const typed = httpConfig(provider.url, { name: 'new', profile: 'github-rest' });
    expect([config, of.startsWith('tgt_'), ciphertext.length]).toEqual([digestOf(typed), true, 43]);
  });

  test('is dangerous where its provider refuses the secret', async () => {
    const { outcome } = await reportOf(await probe('another-secret-of-somebody'));
    expect(outcome).toMatchObject({
      kind: 'seen',
      dangers: [{ text: expect.stringContaining('refused this secret') }],
    });
  });

  test('is not tried where the warden did not ask: nobody learns by it what a secret opens', async () => {
    provider.received.length = 0;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = await probe(provider.secret, privateKey);
    await expect.poll(() => JSON.stringify(house.gateway.alarms.list()), SOON).toContain(id);
    expect(provider.received.filter((line) => line.startsWith('GET /user'))).toEqual([]);
    await house.owner.probe.deleteMany();
  });
});

test('Every target is reported on by itself, with the digest of its secret and not the secret', async () => {
  const config = httpConfig(provider.url, { name: 'reported' });
  const adding = addUpstream(house, config, provider.secret);
  const find = () => house.owner.look.findFirst({ where: { kind: 'target', NOT: { subjectId: targetId } } });
  await expect.poll(find, SOON).not.toBeNull();
  const row = (await find()) ?? { subjectId: '', body: '', signature: '' };
  const report = openRecord(house.keys.gatewayPublicKey, 'report', Report, row);
  const { ciphertext } = await house.owner.providerSecret.findUniqueOrThrow({ where: { targetId: row.subjectId } });
  expect(report).toMatchObject({ targetId: row.subjectId, config: digestOf(config), outcome: { kind: 'seen' } });
  expect(report?.ciphertext).toBe(sha256Base64url(ciphertext));
  expect(row.body).not.toContain(provider.secret);
  // The warden takes it in, and writes down what of it the console and the agents are shown.
  house.answerAgain();
  const id = await adding;
  await house.stopAnswering();
  expect(row.subjectId).toBe(id);
  const target = await house.owner.target.findUniqueOrThrow({ where: { id } });
  expect(target.report).toEqual({ version: `HTTP 200 from ${provider.url}`, schemaChanged: false });
});
