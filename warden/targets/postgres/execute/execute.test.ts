import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { refuse } from '#lib/core';
import type { SqlOperation } from '#lib/targets';
import { bookingCompany, type Fixture } from '#testing/database';
import type { SqlResult } from '../../driver';
import type { RunLimits } from './execute';

const fixtures: Fixture[] = [];
let fixture: Fixture;
beforeEach(async () => {
  fixture = await bookingCompany();
  fixtures.push(fixture);
});
afterAll(() => Promise.all(fixtures.map((one) => one.close())));

/** Previewed, perhaps changed in between, minted, run, ended. */
async function approveAndRun(
  table: string,
  verbs: string[],
  operation: SqlOperation,
  meanwhile = '',
): Promise<SqlResult> {
  const resources = [`table/public.${table}`];
  const preview = await fixture.target.preview({ resources, verbs, ttlSeconds: 60, maxUses: 1, operation }, 'req_1');
  const limits: RunLimits = {
    verbs,
    maxRows: preview.maxRows ?? 0,
    touched: preview.touched,
    beforeSend: async () => undefined,
  };
  await fixture.admin.query(meanwhile);
  const { prepared } = await fixture.grant(resources, verbs);
  try {
    return await fixture.target.execute(prepared, operation, limits);
  } finally {
    await fixture.target.end(prepared.reference);
  }
}

const count = async (sql: string): Promise<number> => (await fixture.admin.query(sql)).rowCount ?? 0;

describe('an exact operation', () => {
  test('runs as approved and reports what it wrote, cascades included', async () => {
    const result = await approveAndRun('customers', ['select', 'delete'], {
      sql: 'DELETE FROM customers WHERE id = $1 RETURNING id, name',
      parameters: [3],
    });
    expect(result).toMatchObject({ rowCount: 1, columns: ['id', 'name'], rows: [[3, 'guest 3']], truncated: false });
    expect(result.written).toContainEqual({ resource: 'table/public.payments', inserted: 0, updated: 0, deleted: 60 });
    expect(await count('SELECT FROM bookings')).toBe(1140);
  });

  test('whose answer would fill the memory is cut off, and changes nothing', async () => {
    const sql = "UPDATE bookings SET nights = 9 WHERE id = 1 RETURNING repeat('x', 70000000)";
    const ran = approveAndRun('bookings', ['select', 'update'], { sql, parameters: [], maxRows: 1 });
    await expect(ran).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('more than 64 MiB'),
    });
    expect(await count('SELECT FROM bookings WHERE nights = 9')).toBe(0);
  });

  test('means to the server what it meant to who read it, whatever the database calls a string (P1)', async () => {
    const { database } = fixture.config;
    await fixture.admin.query(`ALTER DATABASE ${database} SET standard_conforming_strings = off`);
    // Two texts. Where a backslash is no letter: one text, a call and a comment.
    const sql = String.raw`SELECT '\' AS a, ', table_to_xml($$customers$$, true, true, $$$$) --'`;
    const { rows } = await approveAndRun('bookings', ['select'], { sql, parameters: [] });
    expect(rows).toEqual([['\\', ', table_to_xml($$customers$$, true, true, $$$$) --']]);
  });

  test('is rolled back where it would touch more rows than were approved (T4)', async () => {
    const sql = 'UPDATE bookings SET nights = 9 WHERE nights = 7';
    const more = 'INSERT INTO bookings (customer_id, nights) VALUES (1, 7)';
    await expect(approveAndRun('bookings', ['select', 'update'], { sql, parameters: [] }, more)).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('172 rows, and 171'),
    });
    expect(await count('SELECT FROM bookings WHERE nights = 9')).toBe(0);
  });

  test('is rolled back where it would write another table than was approved, also at the very end (T4)', async () => {
    const trap = `CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DELETE FROM public.audit; INSERT INTO public.audit VALUES ('x'); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER trap AFTER UPDATE ON bookings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trap()`;
    const operation = { sql: 'UPDATE bookings SET nights = 9 WHERE id = 1', parameters: [], maxRows: 50 };
    await expect(approveAndRun('bookings', ['select', 'update'], operation, trap)).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('table/public.audit'),
    });
    expect(await count('SELECT FROM audit')).toBe(0);
    expect(await count('SELECT FROM bookings WHERE nights = 9')).toBe(0);
  });

  test('may write what a trigger writes that stood there when it was approved, and no more rows than were said', async () => {
    await fixture.admin.query(`CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO public.audit VALUES (TG_OP); RETURN NULL; END $$;
      CREATE TRIGGER logged AFTER UPDATE ON bookings FOR EACH ROW EXECUTE FUNCTION log_it()`);
    const run = (maxRows: number) =>
      approveAndRun('bookings', ['select', 'update'], {
        sql: 'UPDATE bookings SET nights = 9 WHERE id = 1',
        parameters: [],
        maxRows,
      });
    await expect(run(1)).rejects.toMatchObject({ message: expect.stringContaining('would touch 2 rows') });
    const result = await run(2);
    expect(result.written.map((one) => one.resource)).toEqual(['table/public.audit', 'table/public.bookings']);
  });

  test.each([1, 2])('changes nothing where its end came before it ran, or while it did (T64): %i', async (atTurn) => {
    const { prepared } = await fixture.grant(['table/public.bookings'], ['select', 'update']);
    const touched = [{ resource: 'table/public.bookings', how: 'update', countedRows: 1, estimatedRows: null }];
    let turn = 0;
    const beforeSend = async () => void (++turn === atTurn && refuse('gone', 'ended'));
    const operation = { sql: 'UPDATE bookings SET nights = 9 WHERE id = 1', parameters: [] };
    const limits = { verbs: ['select', 'update'], maxRows: 1, touched, beforeSend };
    await expect(fixture.target.execute(prepared, operation, limits)).rejects.toMatchObject({ code: 'gone' });
    expect(await count('SELECT FROM bookings WHERE nights = 9')).toBe(0);
    await fixture.target.end(prepared.reference);
  });

  test('is one statement by the protocol, whatever the preview let pass', async () => {
    const { prepared } = await fixture.grant(['table/public.bookings'], ['select', 'update']);
    for (const sql of ['SELECT 1; UPDATE bookings SET nights = 9', 'UPDATE bookings SET nights = 9; COMMIT']) {
      await expect(
        fixture.target.execute(
          prepared,
          { sql, parameters: [] },
          { verbs: ['select', 'update'], maxRows: 9999, touched: [], beforeSend: async () => undefined },
        ),
      ).rejects.toMatchObject({ code: 'target_refused' });
    }
    await expect(
      fixture.target.execute(
        prepared,
        { sql: 'COMMIT', parameters: [] },
        { verbs: ['update'], maxRows: 1, touched: [], beforeSend: async () => undefined },
      ),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await count('SELECT FROM bookings WHERE nights = 9')).toBe(0);
  });

  test('gives back JSON: numbers where JSON can hold them, else PostgreSQL’s own text, at most 1,000 rows', async () => {
    const result = await approveAndRun('bookings', ['select'], {
      sql: `SELECT 1::int, 9007199254740993::bigint, 0.10::numeric, true, NULL, '{"a":[1]}'::jsonb, 'NaN'::float8, $1::text, '2026-01-02'::date FROM bookings`,
      parameters: ['<b>'],
    });
    expect(result.rows[0]).toEqual([1, '9007199254740993', '0.10', true, null, { a: [1] }, 'NaN', '<b>', '2026-01-02']);
    expect(result).toMatchObject({ rowCount: 1200, truncated: true });
    expect(result.rows).toHaveLength(1000);
    const wide = await approveAndRun('bookings', ['select'], {
      sql: `SELECT repeat('x', 100000) FROM bookings LIMIT 10`,
      parameters: [],
      maxRows: 10,
    });
    expect(wide).toMatchObject({ rowCount: 10, truncated: true });
    expect(wide.rows).toHaveLength(2);
  });

  test('does not run where the database counts no rows (P7)', async () => {
    const { prepared } = await fixture.grant(['table/public.bookings'], ['select']);
    await fixture.admin.query(`ALTER DATABASE "${fixture.config.database}" SET track_counts = off`);
    await expect(
      fixture.target.execute(
        prepared,
        { sql: 'SELECT FROM bookings', parameters: [] },
        { verbs: ['select'], maxRows: 5000, touched: [], beforeSend: async () => undefined },
      ),
    ).rejects.toMatchObject({ code: 'target_refused' });
    await fixture.admin.query(`ALTER DATABASE "${fixture.config.database}" RESET track_counts`);
    await fixture.target.end(prepared.reference);
  });
});
