import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classOf } from '#lib/authority';
import { newId } from '#lib/core';
import { transact } from '#lib/db';
import { markPrepared } from '#lib/requests';
import { challengeOf, verifyAssertion } from '#lib/statement';
import { SIGN } from '#testing/people';
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
  type TestAgent,
} from '#testing/warden';
import { percentile, report, series, timed } from './measure';

/*
 * Approval to credential: the signed statement is recorded, the agent collects over HTTP, the role exists. Building and
 * signing the statement is in it (a software key); the sign origin's own HTTP is not.
 */

const PREVIEW = { effects: ['May update bookings.'], touched: [], warnings: [], maxRows: null, plan: null };

let house: House;
let agent: TestAgent;
let targetId: string;
let place: Awaited<ReturnType<typeof sampleCompany>>;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  place = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), place.password);
});
afterAll(() => house.close());

async function ours(run: number): Promise<number> {
  const requestId = await file(house, agent, targetId, { ttlSeconds: 600 + run });
  await transact(house.warden.db, (tx, now) =>
    markPrepared(tx, now, requestId, { preview: PREVIEW, seal: '', by: 'warden', danger: 1 }),
  );
  return timed(async () => {
    const { status } = await collect(house, await approve(house, requestId), { token: agent.collect });
    expect(status).toBe(200);
  });
}

/** One signature check, two commits, one CREATE ROLE with its grants: what it cannot cost less than. */
async function parts(store: pg.Client, broker: pg.Client): Promise<number> {
  const approval = await house.owner.approval.findFirstOrThrow();
  const { key } = house.ada;
  const role = `bench_${newId('grn')}`;
  const taken = await timed(async () => {
    await verifyAssertion({
      assertion: approval.assertion as never,
      authenticator: { ...key, class: classOf(key.class), counter: 0n },
      challenge: challengeOf(approval.statement),
      relyingParty: SIGN,
    });
    for (let commit = 0; commit < 2; commit += 1) await store.query('BEGIN; INSERT INTO bench VALUES (1); COMMIT');
    await broker.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'x' VALID UNTIL 'infinity'; GRANT SELECT, UPDATE ON public.bookings TO ${role}`,
    );
  });
  await broker.query(`REVOKE ALL ON public.bookings FROM ${role}; DROP ROLE ${role}`);
  return taken;
}

test('Approval to credential', async () => {
  const [store, broker] = [new pg.Client(house.database.ownerUrl), new pg.Client(place)];
  await Promise.all([store.connect(), broker.connect()]);
  await store.query('CREATE TABLE bench (n int)');
  const taken = await series(100, ours);
  const bare = await series(100, () => parts(store, broker));
  await Promise.all([store.end(), broker.end()]);
  report(
    'Approving',
    [0.5, 0.99].map((share) => ({
      what: `approval to credential, p${share * 100}`,
      ours: percentile(taken, share),
      bare: percentile(bare, share),
      unit: 'ms',
      aim: '≤ 5',
    })),
  );
});
