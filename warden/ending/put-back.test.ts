import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdOpen, takeBackup } from '#testing/database';
import {
  addTarget,
  approve,
  collect,
  databaseConfig,
  file,
  type House,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  session,
} from '#testing/warden';
import { startFollowing } from '#warden/changes';
import { startEnding } from './index';

/* What lives while the database is put back in time: its grant may be in no row any more (P5, T75). */

let house: House;
let loops: ReadonlyArray<{ stop(): Promise<void> }>;
beforeAll(async () => {
  house = await openHouse();
  loops = [startEnding(house.warden), startFollowing(house.warden)];
});
afterAll(async () => {
  await Promise.all(loops.map((each) => each.stop()));
  await house.close();
});

test('A session whose grant the older database does not know is cut long before its time, and nothing is collected from it', async () => {
  const agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  const targetId = await addTarget(house, databaseConfig(place), password);
  const ready = await approve(house, await file(house, agent, targetId, { ttlSeconds: 600 }));
  const restore = await takeBackup(house.database.adminUrl);

  const grantId = await approve(house, await file(house, agent, targetId, { ttlSeconds: 601 }));
  const client = await session((await collect(house, grantId, { token: agent.collect })).body.credential);
  const gone = new Promise<void>((resolve) => void client.once('end', () => resolve()));
  // Whoever holds web's rows holds up nothing of it.
  await newAgent(house);
  await restore();
  const letGo = await holdOpen(house.web, ['SELECT 1 FROM agents, requests FOR UPDATE']);
  await gone;
  await expect.poll(() => isMinted(grantId)).toBe(false);
  await letGo();
  await expect.poll(() => house.warden.vault.isPuttingBack(), { timeout: 20_000 }).toBe(false);
  expect(await house.owner.grant.count({ where: { id: grantId } })).toBe(0);
  expect((await collect(house, ready, { token: agent.collect })).status).toBeGreaterThanOrEqual(400);
  expect(await isMinted(ready)).toBe(false);
});
