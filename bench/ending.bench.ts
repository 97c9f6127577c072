import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
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
  session,
  type TestAgent,
} from '#testing/warden';
import { startEnding } from '#warden/ending';
import { percentile, report, series } from './measure';
import type { Row } from './table';

/* Revoke to dead: from the commit of a revocation to the moment the agent's live session is cut. */

let house: House;
let agent: TestAgent;
let targetId: string;
let place: Awaited<ReturnType<typeof sampleCompany>>;
let ending: ReturnType<typeof startEnding>;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  place = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), place.password);
  ending = startEnding(house.warden);
});
afterAll(async () => {
  await ending.stop();
  await house.close();
});

interface Live {
  readonly grantId: string;
  /** Resolves when the server has cut the session. */
  readonly cut: Promise<void>;
}

const cutOf = (client: pg.Client): Promise<void> => new Promise((resolve) => client.once('end', () => resolve()));

let turn = 0;

async function live(): Promise<Live> {
  turn += 1;
  const grantId = await approve(house, await file(house, agent, targetId, { ttlSeconds: 600 + turn }));
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, cut: cutOf(await session(body.credential)) };
}

const revoke = (grantId: string): Promise<boolean> =>
  transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));

async function ours(): Promise<number> {
  const { grantId, cut } = await live();
  await revoke(grantId);
  const from = performance.now();
  await cut;
  return performance.now() - from;
}

/** The same statements, sent by somebody who sits at the database with everything open. */
async function byHand(broker: pg.Client): Promise<number> {
  const role = `bench_${newId('grn')}`;
  await broker.query(
    `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT CONNECT ON DATABASE ${place.database} TO ${role}; GRANT ${role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`,
  );
  const client = new pg.Client({ ...place, user: role, password: 'x' });
  client.on('error', () => undefined);
  await client.connect();
  const cut = cutOf(client);
  const from = performance.now();
  await broker.query(`ALTER ROLE ${role} NOLOGIN`);
  await broker.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
  await cut;
  const taken = performance.now() - from;
  await broker.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  return taken;
}

test('Revoke to dead', async () => {
  const broker = new pg.Client(place);
  await broker.connect();
  const bare = await series(100, () => byHand(broker));
  const taken = await series(100, ours);
  await broker.end();
  const row = (share: number): Row => ({
    what: `revoke to dead, one live session, p${share * 100}`,
    ours: percentile(taken, share),
    bare: percentile(bare, share),
    unit: 'ms',
    aim: '≤ 5',
  });
  report('Ending', [row(0.5), row(0.99), await hundredAtOnce(percentile(bare, 0.5))]);
  expect(taken).toHaveLength(100);
});

async function hundredAtOnce(bareOne: number): Promise<Row> {
  const sessions: Live[] = [];
  for (let n = 0; n < 100; n += 1) sessions.push(await live());
  const from = performance.now();
  await Promise.all(sessions.map(({ grantId }) => revoke(grantId)));
  await Promise.all(sessions.map(({ cut }) => cut));
  return {
    what: '100 live sessions revoked at once, against 100 by hand in a row',
    ours: performance.now() - from,
    bare: bareOne * 100,
    unit: 'ms',
    aim: '≤ 5',
  };
}
