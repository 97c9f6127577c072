import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { problemResponse } from '#lib/http/wire';
import { withClient } from '#scripts/postgres';
import { freshDatabase } from '#testing/database';
import { connect, type Db, isRolledBack, isUnreachable, transact } from './index';

/* Transactions that meet at a real PostgreSQL: deadlocks (40P01), and writes that cannot be serialized (40001). */

let ownerUrl: string;
let adminUrl: string;
let db: Db;
/** Every transaction of this one is REPEATABLE READ, as an operator may set it for a database. */
let strict: Db;

beforeAll(async () => {
  ({ ownerUrl, adminUrl } = await freshDatabase());
  const strictUrl = new URL(ownerUrl);
  strictUrl.searchParams.set('options', '-c default_transaction_isolation=repeatable\\ read');
  [db, strict] = [connect(ownerUrl), connect(strictUrl.href)];
});
afterAll(async () => {
  await Promise.all([db.$disconnect(), strict.$disconnect()]);
});
beforeEach(async () => {
  await withClient(ownerUrl, (client) =>
    client.query(`DROP TABLE IF EXISTS meeting; CREATE TABLE meeting (id int PRIMARY KEY, n int NOT NULL);
      INSERT INTO meeting VALUES (1, 0), (2, 0)`),
  );
});

const add = (tx: Pick<Db, '$executeRaw'>, id: number) => tx.$executeRaw`UPDATE meeting SET n = n + 1 WHERE id = ${id}`;

async function counts(): Promise<number[]> {
  const rows = await db.$queryRaw<Array<{ n: number }>>`SELECT n FROM meeting ORDER BY id`;
  return rows.map(({ n }) => n);
}

/** Resolves for both once both have come, and from then on at once. */
function meetingOfTwo(): () => Promise<void> {
  let come = 0;
  let both: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    both = resolve;
  });
  return () => {
    come += 1;
    if (come === 2) both();
    return met;
  };
}

describe('A transaction that the server undid because it met another', () => {
  test('is run again after a deadlock: both are done, each once', async () => {
    const meet = meetingOfTwo();
    let runs = 0;
    const both = ([first, second]: readonly [number, number]) =>
      transact(db, async (tx) => {
        runs += 1;
        await add(tx, first);
        await meet();
        await add(tx, second);
      });
    await Promise.all([both([1, 2]), both([2, 1])]);
    expect(await counts()).toEqual([2, 2]);
    expect(runs).toBe(3);
  });

  test('is run again after a write that cannot be serialized', async () => {
    const meet = meetingOfTwo();
    let runs = 0;
    const one = () =>
      transact(strict, async (tx) => {
        runs += 1;
        await tx.$queryRaw`SELECT n FROM meeting`;
        await meet();
        await add(tx, 1);
      });
    await Promise.all([one(), one()]);
    expect(await counts()).toEqual([2, 0]);
    expect(runs).toBe(3);
  });

  test('is run four times at most, and then its caller is told 503 and when to come again', async () => {
    let runs = 0;
    const error: unknown = await transact(strict, async (tx) => {
      runs += 1;
      await tx.$queryRaw`SELECT n FROM meeting`;
      await add(db, 1);
      await add(tx, 1);
    }).catch((thrown: unknown) => thrown);
    expect(runs).toBe(4);
    expect(await counts()).toEqual([4, 0]);
    expectRetryLater(error);
  });

  test('is not run again for any other reason', async () => {
    let runs = 0;
    const failing = transact(db, async (tx) => {
      runs += 1;
      await tx.$executeRaw`INSERT INTO meeting VALUES (1, 0)`;
    });
    await expect(failing).rejects.toThrow();
    expect(runs).toBe(1);
  });
});

function expectRetryLater(error: unknown): void {
  expect([isRolledBack(error), isUnreachable(error)]).toEqual([true, false]);
  const answer = problemResponse(error, 'a'.repeat(32));
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
}

const WAITS = `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** Dies in a deadlock with a patient transaction that holds what it asks for last. */
async function dieInDeadlock(ask: () => Promise<unknown>): Promise<unknown> {
  return withClient(adminUrl, (third) =>
    withClient(adminUrl, async (patient) => {
      const waiting = async (): Promise<number> =>
        (await third.query<{ waiting: number }>(WAITS)).rows[0]?.waiting ?? 0;
      await third.query('SELECT pg_advisory_lock(7)');
      await patient.query(`SET deadlock_timeout = '60s'`);
      await patient.query('BEGIN');
      await patient.query('UPDATE meeting SET n = n + 1 WHERE id = 1');
      const died = ask().catch((thrown: unknown) => thrown);
      await expect.poll(waiting).toBe(1);
      const done = patient.query('UPDATE meeting SET n = n + 1 WHERE id = 2');
      await expect.poll(waiting).toBe(2);
      await third.query('SELECT pg_advisory_unlock(7)');
      const error = await died;
      await done;
      await patient.query('COMMIT');
      return error;
    }),
  );
}

test('A single statement that dies in a deadlock is answered 503 too, by Prisma and by the driver itself', async () => {
  await withClient(ownerUrl, (client) =>
    client.query(`CREATE OR REPLACE FUNCTION take_both() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
      UPDATE meeting SET n = n + 1 WHERE id = 2;
      PERFORM pg_advisory_xact_lock(7);
      UPDATE meeting SET n = n + 1 WHERE id = 1;
      RETURN 1;
    END $$`),
  );
  expectRetryLater(await dieInDeadlock(() => db.$queryRaw`SELECT take_both()`));
  expectRetryLater(await dieInDeadlock(() => withClient(ownerUrl, (client) => client.query('SELECT take_both()'))));
});
