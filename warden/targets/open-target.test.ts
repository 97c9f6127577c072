import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTarget, databaseConfig, type House, openHouse, sampleCompany } from '#testing/warden';
import { openTarget } from './open-target';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('A database is not spoken to with a secret that nobody signed for, and an alarm says so (P6, T3)', async () => {
  const { password, ...place } = await sampleCompany();
  const id = await addTarget(house, databaseConfig(place), password);
  const signed = (await house.warden.authority.current(house.warden.db)).targets.get(id);
  if (signed === undefined) throw new Error('not signed');
  await expect((await openTarget(house.warden, signed)).orphans()).resolves.toEqual([]);
  const sealed = house.warden.vault.seal(id, 'a-stranger-s-secret');
  await house.owner.sealed.update({ where: { ownerId: id }, data: { sealed } });
  await expect(openTarget(house.warden, signed)).rejects.toMatchObject({ code: 'minting_stopped' });
  expect(house.warden.alarms.list().find(({ code }) => code === 'tampering')?.text).toContain(
    `The stored secret of target ${signed.config.name} is not the one that was signed for`,
  );
});
