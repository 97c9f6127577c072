import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask, SqlOperation } from '#lib/targets';
import { bookingCompany, type Fixture } from '#testing/database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await bookingCompany(
    undefined,
    `
    CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
      BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END $$;
    CREATE TRIGGER logged AFTER UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION log_it();
    CREATE TABLE days (day date, n int) PARTITION BY RANGE (day);
    CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO days VALUES ('2026-05-05', 1), ('2026-05-06', 2);
    CREATE TABLE unseen (id int); INSERT INTO unseen SELECT generate_series(1, 7);`,
  );
});
afterAll(() => fixture.close());

const ask = (resources: string[], verbs: string[], operation: SqlOperation | null = null): Ask => ({
  resources,
  verbs,
  ttlSeconds: 600,
  maxUses: null,
  operation,
});
const exact = (
  table: string,
  verbs: string[],
  sql: string,
  parameters: SqlOperation['parameters'] = [],
  maxRows?: number,
): Ask => ask([`table/public.${table}`], verbs, { sql, parameters, ...(maxRows === undefined ? {} : { maxRows }) });
const preview = (one: Ask) => fixture.target.preview(one, 'req_00000000000000000000');

async function previewRoles(): Promise<number> {
  const { rows } = await fixture.admin.query(
    `SELECT count(*)::int AS n FROM pg_roles r JOIN pg_auth_members m ON m.roleid = r.oid WHERE r.rolname ~ '^cs_prv_' AND m.member = $1::regrole`,
    [fixture.config.user],
  );
  return rows[0].n;
}

describe('the preview of a credential', () => {
  test('says what it may do, to how many rows, and for how long', async () => {
    const shown = await preview(ask(['table/public.bookings'], ['select', 'update']));
    expect(shown.effects).toEqual([
      'May SELECT all of about 1,200 rows in public.bookings for 10 minutes.',
      'May UPDATE any of about 1,200 rows in public.bookings for 10 minutes.',
    ]);
    expect(shown).toMatchObject({ maxRows: null, plan: null, warnings: [] });
    expect(shown.touched).toContainEqual({
      resource: 'table/public.bookings',
      how: 'update',
      countedRows: null,
      estimatedRows: 1200,
    });
  });

  test('follows deletes through foreign keys, as far as rows are deleted', async () => {
    const shown = await preview(ask(['table/public.customers'], ['select', 'delete']));
    const along = shown.touched.slice(2).map((one) => `${one.resource} ${one.how} ${one.estimatedRows}`);
    expect(along.sort()).toEqual([
      'table/public.bookings delete by cascade 1200',
      'table/public.notes update by cascade, set to null 10',
      'table/public.payments delete by cascade 1200',
    ]);
  });

  test('says where nobody knows how many rows there are, and reads none to find out: a policy of its owner’s would run', async () => {
    expect((await preview(ask(['table/public.unseen'], ['select']))).effects).toEqual([
      'May SELECT all of an unknown number of rows in public.unseen for 10 minutes.',
    ]);
  });

  test('warns of triggers, of views, of an UPDATE without SELECT, of what PUBLIC has, and of TRUNCATE that will fail (T81)', async () => {
    await fixture.admin.query('GRANT DELETE ON customers TO PUBLIC');
    const { warnings } = await preview(ask(['table/public.customers', 'table/public.guests'], ['update', 'truncate']));
    expect(warnings.join('\n')).toMatch(
      /WHERE[\s\S]*TRUNCATE fails while public\.bookings[\s\S]*Trigger logged[\s\S]*owner's rights[\s\S]*is a view[\s\S]*PUBLIC holds DELETE/,
    );
    await fixture.admin.query('REVOKE DELETE ON customers FROM PUBLIC');
  });

  test('is refused for a table or schema that is not there', async () => {
    await expect(preview(ask(['table/public.nothing'], ['select']))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(preview(ask(['schema/other'], ['select']))).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('the preview of an exact statement', () => {
  test('counts what it would change, cascades included, and changes nothing', async () => {
    const shown = await preview(exact('customers', ['select', 'delete'], 'DELETE FROM customers WHERE id = $1', [3]));
    expect(shown.effects.sort()).toEqual([
      'Would delete 1 row in public.customers.',
      'Would delete by cascade or trigger 60 rows in public.bookings.',
      'Would delete by cascade or trigger 60 rows in public.payments.',
      'Would update by cascade or trigger 1 row in public.notes.',
    ]);
    expect(shown.maxRows).toBe(122);
    expect(shown.plan).toContain('Delete on customers');
    expect((await fixture.admin.query('SELECT FROM customers')).rowCount).toBe(20);
    expect(await previewRoles()).toBe(0);
  });

  test('runs no trigger before anybody approved: it says what it could not see, and asks for maxRows (P1, T87)', async () => {
    const sql = `UPDATE customers SET name = 'x' WHERE id < 4`;
    await expect(preview(exact('customers', ['select', 'update'], sql))).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/operation/maxRows', detail: expect.any(String) }],
    });
    const shown = await preview(exact('customers', ['select', 'update'], sql, [], 10));
    expect(shown.effects[0]).toMatch(/Would update rows in public\.customers, about \d+ by the planner's guess\./);
    expect(shown.warnings.join()).toMatch(/Not tried before it is approved.*trigger logged on/);
    expect(shown.warnings.join()).toMatch(/Trigger logged/);
    expect(shown.touched.map(({ resource, how }) => `${resource} ${how}`)).toContain(
      'table/* whatever its triggers and functions write',
    );
    expect((await fixture.admin.query('SELECT FROM audit')).rowCount).toBe(0);
  });

  test('sees partitions as their table', async () => {
    const parted = await preview(exact('days', ['select', 'update'], 'UPDATE days SET n = n + 1'));
    expect(parted.touched).toContainEqual(
      expect.objectContaining({ resource: 'table/public.days', how: 'update', countedRows: 2 }),
    );
  });

  test('of a SELECT tells how many rows it returns', async () => {
    expect(await preview(exact('bookings', ['select'], 'SELECT * FROM bookings LIMIT 12'))).toMatchObject({
      effects: ['Would return 12 rows.'],
      maxRows: 12,
    });
  });

  test('through a view shows the table below it; of an upsert and a MERGE, each kind of write', async () => {
    const viewed = await preview(
      exact('guests', ['select', 'update'], `UPDATE guests SET name = 'x' WHERE id = 1`, [], 1),
    );
    expect(viewed.effects[0]).toMatch(/^Would update rows in public\.customers/);
    const upsert = await preview(
      exact(
        'notes',
        ['select', 'insert', 'update'],
        'INSERT INTO notes SELECT i, 1 FROM generate_series(9, 12) i ON CONFLICT (id) DO UPDATE SET booking_id = 1',
      ),
    );
    expect(upsert.effects).toEqual(['Would insert 2 rows in public.notes.', 'Would update 2 rows in public.notes.']);
    const merge = await preview(
      exact(
        'notes',
        ['select', 'insert', 'update', 'delete'],
        'MERGE INTO notes n USING generate_series(10, 11) i ON n.id = i WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (i, 1)',
      ),
    );
    expect(merge.maxRows).toBe(2);
  });

  test('tells the agent nothing about rows it may not read: a failing trial is no refusal, its words are for people', async () => {
    const sql = "SELECT card::int FROM customers WHERE name = 'guest 7'";
    const shown = await preview(exact('customers', ['select'], sql));
    expect(shown.maxRows).toBe(0);
    expect(shown.warnings.join()).toContain('The trial run failed');
  });

  test('stops a trial that takes too long', async () => {
    const shown = await preview(
      exact('bookings', ['select'], 'SELECT count(*) FROM bookings, generate_series(1, 1000000000) AS g', [], 5),
    );
    expect(shown.warnings.join()).toContain('statement timeout');
    expect(await previewRoles()).toBe(0);
  });

  test('cuts off an answer that would fill the memory', async () => {
    const sql = "SELECT string_agg(name, '') FROM customers, generate_series(1, 1000000)";
    const shown = await preview(exact('customers', ['select'], sql, [], 5));
    expect(shown.warnings.join()).toContain('more than 8 MiB');
    expect(await previewRoles()).toBe(0);
  });

  test('is for people where it breaks the connection’s own rules, and not tried again and again', async () => {
    await expect(
      preview(exact('bookings', ['select'], 'SELECT id FROM bookings WHERE id = $1', [], 5)),
    ).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('08P01'),
    });
  });

  test('runs nothing that could reach for the broker’s power', async () => {
    const sql = `SELECT current_user, session_user, set_config('role', 'none', false) FROM bookings LIMIT 1`;
    const shown = await preview(exact('bookings', ['select'], sql, [], 1));
    expect(shown.warnings.join()).toMatch(/Not tried before it is approved.*set_config/);
    expect(await previewRoles()).toBe(0);
  });

  test('plans nothing that could read what was not asked for, and makes no role for it (P1, T79)', async () => {
    const sql = `SELECT id FROM bookings WHERE length(table_to_xml('customers', false, true, '')::text) > 3`;
    const shown = await preview(exact('bookings', ['select'], sql, [], 5));
    expect([shown.plan, shown.maxRows]).toEqual([null, 5]);
    expect(shown.warnings.join()).toMatch(/Not planned before it is approved.*table_to_xml/);
    expect(shown.effects).toEqual(['Would only read.']);
    expect(shown.touched.map(({ resource }) => resource)).toEqual(['table/public.bookings']);
  });

  test('leaves out no table that was asked for because a query of WITH has its name', async () => {
    const sql = `SELECT (WITH bookings AS (SELECT 1 AS id) SELECT id FROM bookings), repeat('x', nights) FROM bookings`;
    const shown = await preview(exact('bookings', ['select'], sql, [], 5));
    expect(shown.plan).toBeNull();
    expect(shown.touched.map(({ resource }) => resource)).toContain('table/public.bookings');
  });

  test('warns people where it touches more than maxRows now', async () => {
    const shown = await preview(exact('bookings', ['select', 'update'], 'UPDATE bookings SET nights = 1', [], 10));
    expect(shown.maxRows).toBe(10);
    expect(shown.warnings.join()).toContain('1,200 rows');
  });

  test('without a trial run asks for maxRows, and shows the planner’s guess and the cascades', async () => {
    const planned = fixture.variant({ countRows: false });
    const sql = 'DELETE FROM customers WHERE id = 3';
    await expect(planned.preview(exact('customers', ['select', 'delete'], sql), 'req_1')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('operation.maxRows'),
    });
    const shown = await planned.preview(exact('customers', ['select', 'delete'], sql, [], 200), 'req_1');
    expect(shown.maxRows).toBe(200);
    expect(shown.effects[0]).toMatch(/Would delete rows in public\.customers, about \d+ by the planner's guess\./);
    expect(shown.touched.map((one) => one.resource)).toEqual(
      expect.arrayContaining(['table/public.payments', 'table/public.notes']),
    );
  });
});
