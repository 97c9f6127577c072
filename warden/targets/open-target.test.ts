import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addUpstream, type CastUpstream, type Cloud, graphqlConfig, graphqlUpstream } from '#testing/provider';
import { type House, openHouse } from '#testing/warden';
import { openTarget, openUpstream } from './open-target';

let house: House;
let cloud: CastUpstream<Cloud>;
let number = 0;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  cloud = await graphqlUpstream();
  return () => cloud.close();
});

/** A target of its own, and of a schema of its own: nothing about it is remembered. */
async function added() {
  number += 1;
  const config = graphqlConfig(cloud.url, { name: `cloud-${number}`, profile: 'generic-graphql' });
  const id = await addUpstream(house, config, cloud.secret);
  const signed = (await house.warden.authority.current(house.warden.db)).targets.get(id);
  if (signed?.config.kind !== 'graphql') throw new Error('not signed');
  return { ...signed, config: signed.config };
}

const tampering = () => house.warden.alarms.list().find(({ code }) => code === 'tampering')?.text;
const rewrite = (hash: string, change: (sdl: string) => string) =>
  house.owner.targetSchema
    .findUniqueOrThrow({ where: { hash } })
    .then(({ sdl }) => house.owner.targetSchema.update({ where: { hash }, data: { sdl: change(sdl) } }));

describe('A target behind the gateway', () => {
  test('whose schema was changed in the database is not opened, and an alarm says so (T3)', async () => {
    const signed = await added();
    const { schemaHash } = signed.config;
    await rewrite(schemaHash, (sdl) => `${sdl}\n# a comment`);
    for (const open of [openTarget, openUpstream]) {
      await expect(open(house.warden, signed)).rejects.toMatchObject({ code: 'minting_stopped' });
    }
    expect(tampering()).toContain(`The stored schema of target ${signed.config.name} is not the one`);
    await rewrite(schemaHash, (sdl) => sdl.replace('\n# a comment', ''));
    const target = await openTarget(house.warden, signed);
    expect((await target.inspect()).schemaChanged).toBe(false);
  });

  test('whose schema is gone is not opened either', async () => {
    const signed = await added();
    const config = { ...signed.config, schemaHash: 'Z'.repeat(43) };
    await expect(openTarget(house.warden, { ...signed, config })).rejects.toMatchObject({ code: 'minting_stopped' });
    expect(tampering()).toContain('is gone');
  });

  test('is not spoken to with a secret that nobody signed for (P6)', async () => {
    const signed = await added();
    await house.owner.sealed.update({
      where: { ownerId: signed.id },
      data: { sealed: house.warden.vault.seal(signed.id, 'a-stranger-s-secret') },
    });
    await expect(openUpstream(house.warden, signed)).rejects.toMatchObject({ code: 'minting_stopped' });
  });

  test('once opened is opened again without reading its schema', async () => {
    const signed = await added();
    const { upstream, schema } = await openUpstream(house.warden, signed);
    expect((await upstream.call({ operation: { query: '{\n  me {\n    id\n  }\n}', variables: {} } })).status).toBe(
      200,
    );
    expect((await openUpstream(house.warden, signed)).schema).toBe(schema);
  });

  test('stays closed where it is not behind the gateway at all', async () => {
    const signed = await added();
    const config = { ...signed.config, kind: 'token' } as never;
    await expect(openUpstream(house.warden, { ...signed, config })).rejects.toMatchObject({ code: 'not_found' });
  });
});
