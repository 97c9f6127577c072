import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseNow, transact } from '#lib/db';
import {
  addTarget,
  approve,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
} from '#testing/warden';
import { publishEnded } from './ended';

let house: House;
let service: string;
beforeAll(async () => {
  house = await openHouse();
  service = await addTarget(house, serviceConfig(serviceToken()));
});
afterAll(() => house.close());

/** A grant that its row says is active. */
async function active(): Promise<string> {
  const agent = await newAgent(house);
  const ask = { resources: ['deploy/api'], verbs: ['start'] };
  const grantId = await approve(house, await file(house, agent, service, ask));
  expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
  return grantId;
}

const publish = () => transact(house.warden.db, (tx, now) => publishEnded(tx, now, house.warden.vault));
const inSeconds = async (seconds: number) => new Date((await databaseNow(house.owner)).getTime() + seconds * 1_000);
const linesOf = (grantId: string): number =>
  readFileSync(join(house.dir, 'ledger.log'), 'utf8').split(grantId).length - 1;

test('What was stopped in the moment before it was minted is published as ended, whatever its row says', async () => {
  const [grantId, other] = [await active(), await active()];
  const { stopped, ledger } = house.warden.vault;
  stopped.add(grantId, { reason: 'revoked', by: 'warden' });
  for (const id of [grantId, other]) ledger.minted(id, await inSeconds(600));
  const ended = await publish();
  expect([ended.has(grantId), ended.has(other)]).toEqual([true, false]);
});

test('What lived to its end is forgotten, and not written down as ended before it', async () => {
  const grantId = await active();
  const { ledger } = house.warden.vault;
  ledger.minted(grantId, await inSeconds(-1));
  await house.owner.grant.update({ where: { id: grantId }, data: { state: 'ending', endReason: 'expired' } });
  expect((await publish()).has(grantId)).toBe(false);
  expect(ledger.live()).not.toContain(grantId);
  expect(linesOf(grantId)).toBe(1);
});
