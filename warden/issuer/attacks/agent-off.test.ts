import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { adminUrl } from '#testing/database';
import {
  addTarget,
  approve,
  collect,
  databaseConfig,
  file,
  type House,
  newAgent,
  openHouse,
  sampleCompany,
  serviceConfig,
  serviceToken,
} from '#testing/warden';
import { prepare } from '../../preview/prepare';

/* An agent is turned off while a row that web holds locked keeps its collection waiting (P9). */

let house: House;
let database: string;
let service: string;
let company: string;

beforeAll(async () => {
  house = await openHouse();
  const { password, ...place } = await sampleCompany();
  company = place.database;
  database = await addTarget(house, databaseConfig(place), password);
  service = await addTarget(house, serviceConfig(serviceToken()));
});
afterAll(() => house.close());

/** Collects while web holds the grant's row, and has the agent turned off before it lets go. */
async function collectHeldUp(agent: { readonly id: string; readonly collect: string }, grantId: string) {
  return withClient(house.database.webUrl, async (thief) => {
    await thief.query('BEGIN');
    await thief.query('SELECT FROM grants WHERE id = $1 FOR UPDATE', [grantId]);
    const collecting = collect(house, grantId, { token: agent.collect });
    await expect.poll(waiting).toBe(1);
    await house.web.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    await thief.query('ROLLBACK');
    return collecting;
  });
}

/** How many of the warden's statements wait for a lock. */
const waiting = async (): Promise<number> => {
  const rows = await house.owner.$queryRaw<Array<{ count: number }>>`
    SELECT count(*)::int FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`;
  return rows[0]?.count ?? 0;
};

const refused = {
  status: 403,
  body: { code: 'not_allowed', detail: expect.stringContaining('This agent was stopped') },
};

describe('nothing is made for it, and the approval is not used up:', () => {
  test('a database’s credential', async () => {
    const agent = await newAgent(house);
    const grantId = await approve(house, await file(house, agent, database));
    expect(await collectHeldUp(agent, grantId)).toMatchObject(refused);
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).not.toMatchObject({
      state: 'active',
    });
  });

  test('a token', async () => {
    const agent = await newAgent(house);
    const asked = await file(house, agent, service, { resources: ['deploy/api'], verbs: ['start'] });
    expect(await collectHeldUp(agent, await approve(house, asked))).toMatchObject(refused);
  });

  test('an exact operation', async () => {
    const agent = await newAgent(house);
    const operation = { sql: "UPDATE bookings SET note = 'after it was off' WHERE id = 3", parameters: [] };
    const asked = await file(house, agent, database, { verbs: ['select', 'update'], operation });
    const row = await house.owner.request.findUniqueOrThrow({ where: { id: asked } });
    await prepare(house.warden, row, (look) => look());
    expect(await collectHeldUp(agent, await approve(house, asked))).toMatchObject(refused);
    const ran = await withClient(adminUrl(company), (client) =>
      client.query("SELECT FROM bookings WHERE note = 'after it was off'"),
    );
    expect(ran.rowCount).toBe(0);
  });
});
