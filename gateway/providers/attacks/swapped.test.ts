import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256Base64url } from '#lib/core';
import { sealTo, secretContext } from '#lib/records';
import { addUpstream, type CastUpstream, type Cloud, graphqlConfig, graphqlUpstream } from '#testing/provider';
import { type House, openHouse } from '#testing/warden';
import { openTarget } from '..';

let house: House;
let cloud: CastUpstream<Cloud>;
let number = 0;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  cloud = await graphqlUpstream();
  house.gateway.alarms.clear('tampering');
  return () => cloud.close();
});

/** A target of its own, and of a schema of its own: nothing about it is remembered. */
async function added() {
  number += 1;
  const config = graphqlConfig(cloud.url, { name: `cloud-${number}`, profile: 'generic-graphql' });
  const id = await addUpstream(house, config, cloud.secret);
  const signed = house.gateway.head.state()?.targets.get(id);
  if (signed?.config.kind !== 'graphql') throw new Error('not signed');
  return { ...signed, config: signed.config };
}

const tampering = () => house.gateway.alarms.list().find(({ code }) => code === 'tampering')?.text;
const STOPPED = { code: 'minting_stopped' };
const rewrite = (hash: string, change: (sdl: string) => string) =>
  house.owner.targetSchema
    .findUniqueOrThrow({ where: { hash } })
    .then(({ sdl }) => house.owner.targetSchema.update({ where: { hash }, data: { sdl: change(sdl) } }));

describe('A target behind the gateway', () => {
  test('opens with the secret and the schema that were signed for', async () => {
    const { provider, upstream } = await openTarget(house.gateway, await added());
    const operation = { query: '{\n  me {\n    id\n  }\n}', variables: {} };
    expect((await upstream.call({ operation })).status).toBe(200);
    expect((await provider.inspect()).schemaChanged).toBe(false);
    expect(tampering()).toBeUndefined();
  });

  test('is not spoken to with a secret that nobody signed for (P6)', async () => {
    const { id, config, ...signed } = await added();
    const ciphertext = await sealTo(house.keys.gatewayPublicKey, secretContext(id, config), 'a-stranger-s-secret');
    await house.owner.providerSecret.update({ where: { targetId: id }, data: { ciphertext } });
    await expect(openTarget(house.gateway, { ...signed, id, config })).rejects.toMatchObject(STOPPED);
    expect(tampering()).toContain(`The stored secret of target ${config.name} is not the one`);
  });

  test.each([
    ['another address', { url: 'https://evil.example/' }],
    ['another place in the call', { secretIn: { place: 'query' as const, name: 'q' } }],
  ])('does not send its secret to %s, whoever signs for it (P6)', async (_what, more) => {
    const signed = await added();
    const config = { ...signed.config, ...more };
    await expect(openTarget(house.gateway, { ...signed, config })).rejects.toMatchObject(STOPPED);
    expect(tampering()).toContain('is not the one that was signed for');
  });

  test('whose signed secret is sealed to an earlier key of the gateway’s is not opened, and nobody is accused of it', async () => {
    const { id, config, ...signed } = await added();
    const earlier = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const ciphertext = await sealTo(earlier, secretContext(id, config), cloud.secret);
    await house.owner.providerSecret.update({ where: { targetId: id }, data: { ciphertext } });
    const opening = openTarget(house.gateway, { ...signed, id, config, secretDigest: sha256Base64url(ciphertext) });
    await expect(opening).rejects.toMatchObject({ ...STOPPED, message: expect.stringContaining('types it again') });
    expect(tampering()).toBeUndefined();
  });

  test('does not take the secret of another target (P6)', async () => {
    const [one, other] = [await added(), await added()];
    const { ciphertext } = await house.owner.providerSecret.findUniqueOrThrow({ where: { targetId: other.id } });
    await house.owner.providerSecret.update({ where: { targetId: one.id }, data: { ciphertext } });
    const lied = { ...one, secretDigest: sha256Base64url(ciphertext) };
    await expect(openTarget(house.gateway, lied)).rejects.toMatchObject(STOPPED);
    expect(tampering()).toContain('is not the one that was signed for');
  });

  test('whose schema was changed in the database is not opened, and an alarm says so (T3)', async () => {
    const signed = await added();
    const { schemaHash } = signed.config;
    // What was loaded once is remembered by its hash: another schema than any before.
    const config = { ...signed.config, schemaHash: sha256Base64url('type Query { a: Int }') };
    await house.owner.targetSchema.create({ data: { hash: config.schemaHash, sdl: 'type Query { b: Int }' } });
    await expect(openTarget(house.gateway, { ...signed, config })).rejects.toMatchObject(STOPPED);
    expect(tampering()).toContain(`The stored schema of target ${signed.config.name} is not the one`);
    await rewrite(config.schemaHash, () => 'type Query { a: Int }');
    await openTarget(house.gateway, { ...signed, config });
    expect(schemaHash).not.toBe(config.schemaHash);
  });

  test('whose schema is gone is not opened either', async () => {
    const signed = await added();
    const config = { ...signed.config, schemaHash: 'Z'.repeat(43) };
    await expect(openTarget(house.gateway, { ...signed, config })).rejects.toMatchObject(STOPPED);
    expect(tampering()).toContain('is gone');
  });
});
