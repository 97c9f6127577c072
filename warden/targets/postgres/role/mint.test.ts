import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { bookingCompany, type Fixture, limitsFor } from '#testing/database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await bookingCompany(
    undefined,
    `CREATE TABLE "we""ird'; DROP TABLE bookings; --" (id serial PRIMARY KEY);`,
  );
});
afterAll(() => fixture.close());

const TABLE = 'table/public.bookings';

describe('a minted role', () => {
  test('can do what was approved and is refused everything else by privilege', async () => {
    const { prepared } = await fixture.grant([TABLE], ['select', 'update']);
    const client = await fixture.login(prepared);
    expect((await client.query('UPDATE bookings SET nights = 2 WHERE id = 1')).rowCount).toBe(1);
    for (const sql of [
      'DELETE FROM bookings WHERE id = 1',
      'TRUNCATE bookings',
      'INSERT INTO bookings (customer_id) VALUES (1)',
      'SELECT * FROM customers',
      'CREATE TABLE x ()',
      'CREATE TEMP TABLE bookings ()',
      'CREATE SCHEMA x',
      'CREATE ROLE x',
      `ALTER ROLE "${prepared.reference}" VALID UNTIL 'infinity'`,
      `SET ROLE "${fixture.config.user}"`,
    ]) {
      await expect(client.query(sql), sql).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|0LP01)$/) });
    }
    await client.end();
    await fixture.target.end(prepared.reference);
  });

  test('for reading cannot write, whatever it SETs (T42)', async () => {
    const { prepared } = await fixture.grant(fixture.config.restReads, ['select']);
    const client = await fixture.login(prepared);
    await client.query(
      'SET default_transaction_read_only = off; SET transaction_read_only = off; SET search_path = public',
    );
    expect((await client.query('SELECT * FROM guests')).rowCount).toBe(20);
    await expect(client.query('UPDATE bookings SET nights = 9')).rejects.toMatchObject({ code: '42501' });
    await client.end();
    await fixture.target.end(prepared.reference);
  });

  test('may draw from the sequences that inserting needs, and not set them', async () => {
    const { prepared } = await fixture.grant([TABLE], ['insert']);
    const client = await fixture.login(prepared);
    expect((await client.query('INSERT INTO bookings (customer_id) VALUES (1)')).rowCount).toBe(1);
    await expect(client.query(`SELECT setval('bookings_id_seq', 1)`)).rejects.toMatchObject({ code: '42501' });
    await client.end();
    await fixture.target.end(prepared.reference);
  });

  test('carries grant and request digest as its comment, a pinned search_path, a connection limit and no password in plain', async () => {
    const { prepared, limits } = await fixture.grant([TABLE], ['select']);
    const { rows } = await fixture.admin.query(
      `SELECT shobj_description(a.oid, 'pg_authid') AS comment, rolconnlimit, rolpassword, rolvaliduntil, rolinherit,
        (SELECT setconfig FROM pg_db_role_setting WHERE setrole = a.oid) AS config FROM pg_authid a WHERE rolname = $1`,
      [prepared.reference],
    );
    expect(rows[0]).toMatchObject({
      comment: limits.comment,
      rolconnlimit: 5,
      rolinherit: false,
      rolvaliduntil: limits.expiresAt,
    });
    expect(rows[0].rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
    expect(rows[0].config[0]).toBe('search_path=pg_catalog, public, pg_temp');
    await fixture.target.end(prepared.reference);
  });

  test('is refused a login by the database itself past its end, with nobody there to end it (T38)', async () => {
    const { prepared } = await fixture.grant([TABLE], ['select'], 1);
    await (await fixture.login(prepared)).end();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await expect(fixture.login(prepared)).rejects.toMatchObject({ code: '28P01' });
    await fixture.target.end(prepared.reference);
  });

  test('keeps the length of its grant where the target’s clock is an hour off (T77)', async () => {
    const grantId = newId('grn');
    const prepared = fixture.target.prepare(grantId);
    const mintedAt = new Date(Date.now() + 3_600_000);
    await fixture.target.mint(prepared, {
      ...limitsFor(grantId, [TABLE], ['select']),
      mintedAt,
      expiresAt: new Date(mintedAt.getTime() + 60_000),
    });
    const { rows } = await fixture.admin.query(
      `SELECT rolvaliduntil < now() + interval '61 seconds' AS short FROM pg_roles WHERE rolname = $1`,
      [prepared.reference],
    );
    expect(rows[0].short).toBe(true);
    await fixture.target.end(prepared.reference);
  });
});

test('a table with a hostile name in a granted schema is a table like any other (T40)', async () => {
  const { prepared } = await fixture.grant(['schema/public'], ['select', 'insert']);
  const client = await fixture.login(prepared);
  expect(
    (await client.query(`INSERT INTO "we""ird'; DROP TABLE bookings; --" DEFAULT VALUES RETURNING *`)).rowCount,
  ).toBe(1);
  await client.end();
  await fixture.target.end(prepared.reference);
  expect((await fixture.target.probe(prepared)).dead).toBe(true);
});

describe('minting', () => {
  test('delivers a connection string that works', async () => {
    const grantId = newId('grn');
    const delivered = await fixture.target.mint(
      fixture.target.prepare(grantId),
      limitsFor(grantId, [TABLE], ['select']),
    );
    expect(delivered).toMatchObject({ kind: 'postgres', user: `cs_${grantId}`, database: fixture.config.database });
    const { default: pg } = await import('pg');
    const client = new pg.Client(delivered.kind === 'postgres' ? { connectionString: delivered.url } : {});
    await client.connect();
    await client.end();
    await fixture.target.end(`cs_${grantId}`);
  });

  test('happens once: the second time is refused and the first credential stays as it is', async () => {
    const { prepared, limits } = await fixture.grant([TABLE], ['select']);
    await expect(fixture.target.mint({ ...prepared, secret: 'other' }, limits)).rejects.toMatchObject({
      code: 'conflict',
    });
    await (await fixture.login(prepared)).end();
    await fixture.target.end(prepared.reference);
  });

  const wrong: [string, string, string, RegExp][] = [
    ['PUBLIC may make temporary tables', `GRANT TEMPORARY ON DATABASE`, 'REVOKE TEMPORARY ON DATABASE', /TEMPORARY/],
  ];
  test.each(wrong)('leaves nothing where %s', async (_title, spoil, mend, message) => {
    await fixture.admin.query(`${spoil} "${fixture.config.database}" TO PUBLIC`);
    await expect(fixture.grant([TABLE], ['select'])).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringMatching(message),
    });
    expect(await fixture.target.orphans()).toEqual([]);
    await fixture.admin.query(`${mend} "${fixture.config.database}" FROM PUBLIC`);
  });

  test('leaves nothing where PUBLIC may create objects in a schema (T41)', async () => {
    await fixture.admin.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
    await expect(fixture.grant([TABLE], ['select'])).rejects.toMatchObject({ code: 'target_refused' });
    expect(await fixture.target.orphans()).toEqual([]);
    await fixture.admin.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  });

  test('says which statement mends a missing grant option', async () => {
    await fixture.admin.query(`REVOKE DELETE ON bookings FROM "${fixture.config.user}"`);
    await expect(fixture.grant([TABLE], ['delete'])).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('GRANT DELETE ON "public"."bookings" TO'),
    });
    await fixture.admin.query(`GRANT DELETE ON bookings TO "${fixture.config.user}" WITH GRANT OPTION`);
  });

  test('of 20 roles on one table at once makes 20', async () => {
    const granted = await Promise.all(Array.from({ length: 20 }, () => fixture.grant([TABLE], ['select'])));
    expect(await fixture.target.orphans()).toHaveLength(20);
    await Promise.all(granted.map(({ prepared }) => fixture.target.end(prepared.reference)));
    expect(await fixture.target.orphans()).toEqual([]);
  });

  test('refuses a broker with a wrong password without saying what it was (P6)', async () => {
    const { postgresTarget, createPools } = await import('..');
    const pools = createPools();
    const target = postgresTarget(pools, fixture.config, 'wrong-canary');
    const failure = await target.inspect().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'target_refused' });
    expect(JSON.stringify([String(failure), String((failure as Error).cause)])).not.toContain('canary');
    await pools.close();
  });

  test('at a port where nobody listens is target_unreachable', async () => {
    await expect(fixture.variant({ port: 1 }).orphans()).rejects.toMatchObject({ code: 'target_unreachable' });
  });

  test.each(["x'; DROP TABLE bookings; --", 'grn_ABC', 'grn_0123456789abcdefghj"', ''])(
    'takes no role name but its own kind: %j (T40)',
    (grantId) => {
      expect(() => fixture.target.prepare(grantId)).toThrow();
    },
  );

  test.each([
    'table/public.bookings; DROP TABLE bookings',
    'table/public."bookings"',
    'table/public.x.y',
    'role/postgres',
    'table/public.nothing',
  ])('takes no table that is not there: %j (T40)', async (resource) => {
    const grantId = newId('grn');
    await expect(
      fixture.target.mint(fixture.target.prepare(grantId), limitsFor(grantId, [resource], ['select'])),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await fixture.target.orphans()).toEqual([]);
  });

  test('waits for who has a table for themselves, and does not stand in others’ way meanwhile (P8, T83)', async () => {
    const greedy = await fixture.root(fixture.config.database);
    await greedy.query('BEGIN; LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE');
    await expect(fixture.target.ready(['table/public.bookings'])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('public.bookings locked'),
    });
    await expect(fixture.target.ready(['table/public.payments'])).resolves.toBeUndefined();
    const waiting = fixture.grant(['table/public.bookings'], ['select']);
    const other = await fixture.grant(['table/public.payments'], ['select']);
    await (await fixture.login(other.prepared)).query('SELECT count(*) FROM payments');
    await greedy.query('ROLLBACK');
    const { prepared } = await waiting;
    await (await fixture.login(prepared)).query('SELECT count(*) FROM bookings');
  });
});
