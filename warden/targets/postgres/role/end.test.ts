import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { bookingCompany, type Fixture } from '#testing/database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await bookingCompany();
});
afterAll(() => fixture.close());

const TABLE = 'table/public.bookings';
const ALL = ['select', 'insert', 'update', 'delete', 'truncate'];

/** Everything a role could leave in the catalogue. */
async function catalogue(): Promise<unknown> {
  const { rows } = await fixture.admin.query(
    `SELECT
    (SELECT json_agg(r.rolname ORDER BY 1) FROM pg_roles r JOIN pg_auth_members m ON m.roleid = r.oid WHERE m.member = $1::regrole) AS roles,
    (SELECT json_agg(json_build_array(relname, relacl::text, relowner::regrole::text) ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS tables,
    (SELECT json_agg(nspacl::text ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_') AS schemas,
    (SELECT datacl::text FROM pg_database WHERE datname = current_database()) AS database,
    (SELECT json_agg(json_build_array(classid, objid, refobjid) ORDER BY objid) FROM pg_shdepend WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())) AS dependencies,
    (SELECT count(*) FROM pg_db_role_setting s WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = s.setrole)) AS settings,
    (SELECT count(*) FROM pg_default_acl) AS defaults, (SELECT count(*) FROM pg_largeobject_metadata) AS blobs,
    (SELECT count(*) FROM pg_prepared_xacts) AS parked`,
    [fixture.config.user],
  );
  return rows[0];
}

/** Resolves when the server cut the session. */
const cut = (client: pg.Client): Promise<void> => new Promise((resolve) => client.once('end', () => resolve()));

describe('ending', () => {
  test('takes everything away: the catalogue is as before, and the probe proves it (T43)', async () => {
    const before = await catalogue();
    const { prepared } = await fixture.grant(['schema/public'], ALL);
    expect(await fixture.target.probe(prepared)).toMatchObject({ dead: false });
    expect(await fixture.target.end(prepared.reference)).toEqual([]);
    expect(await catalogue()).toEqual(before);
    const proof = await fixture.target.probe(prepared);
    expect(proof.dead).toBe(true);
    expect(proof.lines).toEqual([
      `The server refused the login of ${prepared.reference} (SQLSTATE 28P01).`,
      `The catalogue holds no role of ${prepared.reference}.`,
      `The catalogue holds no session of ${prepared.reference}.`,
      `The catalogue holds no prepared transaction of ${prepared.reference}.`,
    ]);
  });

  test('cuts a session that did SET ROLE and sits in an open transaction, and rolls it back (T36)', async () => {
    const { prepared } = await fixture.grant([TABLE], ALL);
    const held = await fixture.login(prepared);
    await held.query(`SET ROLE "${prepared.reference}"; BEGIN; UPDATE bookings SET nights = 99`);
    const gone = cut(held);
    await fixture.target.end(prepared.reference);
    await gone;
    await expect(held.query('SELECT 1')).rejects.toThrow();
    expect((await fixture.admin.query('SELECT FROM bookings WHERE nights = 99')).rowCount).toBe(0);
    expect((await fixture.target.probe(prepared)).dead).toBe(true);
  });

  test('cuts five sessions in the middle of a query (T36)', async () => {
    const { prepared } = await fixture.grant([TABLE], ALL);
    const sessions = await Promise.all(Array.from({ length: 5 }, () => fixture.login(prepared)));
    await expect(fixture.login(prepared)).rejects.toMatchObject({ code: '53300' });
    const asleep = sessions.map((client) =>
      client.query('SELECT pg_sleep(600)').catch((error: { code?: string }) => error.code),
    );
    await fixture.target.end(prepared.reference);
    expect(await Promise.all(asleep)).toEqual(Array(5).fill('57P01'));
  });

  test('is not held up by grantees that sit on their own catalogue rows, several at once (T43)', async () => {
    const granted = await Promise.all([1, 2, 3, 4].map(() => fixture.grant([TABLE], ALL)));
    const gone = await Promise.all(
      granted.map(async ({ prepared }) => {
        const held = await fixture.login(prepared);
        await held.query(`BEGIN; ALTER ROLE "${prepared.reference}" PASSWORD 'mine'`);
        return { cut: cut(held) };
      }),
    );
    await Promise.all(granted.map(({ prepared }) => fixture.target.end(prepared.reference)));
    await Promise.all(gone.map((one) => one.cut));
    for (const { prepared } of granted) expect((await fixture.target.probe(prepared)).dead).toBe(true);
  });

  test('works after the grantee changed its password and its settings, here and for other databases (T43)', async () => {
    const before = await catalogue();
    const { prepared } = await fixture.grant([TABLE], ALL);
    const held = await fixture.login(prepared);
    await held.query(`ALTER ROLE "${prepared.reference}" PASSWORD 'mine'; ALTER ROLE "${prepared.reference}" SET work_mem = '1MB';
      ALTER ROLE "${prepared.reference}" IN DATABASE postgres SET work_mem = '1MB'; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC`);
    await fixture.target.end(prepared.reference);
    expect(await catalogue()).toEqual(before);
    expect((await fixture.target.probe({ ...prepared, secret: 'mine' })).dead).toBe(true);
  });

  test('hands over what the role owns, here and in another database, and says so: data is never dropped (T36, T43)', async () => {
    const { prepared } = await fixture.grant([TABLE], ALL);
    const held = await fixture.login(prepared);
    const blob = (await held.query('SELECT lo_create(0) AS oid')).rows[0].oid;
    const abroad = await fixture.login(prepared, 'postgres');
    const other = (await abroad.query('SELECT lo_create(0) AS oid')).rows[0].oid;
    expect([...(await fixture.target.end(prepared.reference))].sort()).toEqual(
      [
        `What ${prepared.reference} owned in database ${fixture.config.database} now belongs to ${fixture.config.user}.`,
        `What ${prepared.reference} owned in database postgres now belongs to ${fixture.config.user}.`,
      ].sort(),
    );
    expect((await fixture.target.probe(prepared)).dead).toBe(true);
    const owner = await fixture.admin.query(
      'SELECT lomowner::regrole::text AS owner FROM pg_largeobject_metadata WHERE oid = $1',
      [blob],
    );
    expect(owner.rows[0].owner).toBe(fixture.config.user);
    const root = await fixture.root();
    await root.query('SELECT lo_unlink($1)', [other]);
    await root.end();
    await fixture.admin.query('SELECT lo_unlink($1)', [blob]);
  });

  test('waits for nobody’s lock: what cannot be removed yet is dead, proven so, and removed later (T83)', async () => {
    const { prepared } = await fixture.grant([TABLE], ALL);
    const client = await fixture.login(prepared);
    const gone = cut(client);
    const greedy = await fixture.root(fixture.config.database);
    await greedy.query('BEGIN; LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE');
    expect(await fixture.target.end(prepared.reference)).toEqual([
      expect.stringMatching(/is locked out and has no session\. Its name is removed once others let go/),
    ]);
    await gone;
    expect(await fixture.target.probe(prepared)).toMatchObject({
      dead: true,
      lines: expect.arrayContaining([`The catalogue lets ${prepared.reference} log in no more.`]),
    });
    // It is no orphan, and it is not forgotten.
    expect(await fixture.target.orphans()).not.toContain(prepared.reference);
    await greedy.query('ROLLBACK');
    expect(await fixture.target.sweepDead()).toContain(prepared.reference);
    const { rowCount } = await fixture.admin.query('SELECT FROM pg_roles WHERE rolname = $1', [prepared.reference]);
    expect(rowCount).toBe(0);
  });

  test('may be repeated, started half-way, or asked for what was never minted', async () => {
    const { prepared } = await fixture.grant([TABLE], ALL);
    const steps = [
      '',
      `ALTER ROLE "${prepared.reference}" NOLOGIN PASSWORD NULL`,
      `DROP OWNED BY "${prepared.reference}"`,
    ];
    for (const step of steps) await fixture.admin.query(step);
    await Promise.all([fixture.target.end(prepared.reference), fixture.target.end(prepared.reference)]);
    await fixture.target.end(prepared.reference);
    expect((await fixture.target.probe(prepared)).dead).toBe(true);
    const never = fixture.target.prepare(newId('grn'));
    expect(await fixture.target.end(never.reference)).toEqual([]);
    expect((await fixture.target.probe(never)).dead).toBe(true);
  });

  test('touches one grant and no other (P8)', async () => {
    const [one, two] = [await fixture.grant([TABLE], ALL), await fixture.grant([TABLE], ['select'])];
    const held = await fixture.login(two.prepared);
    await fixture.target.end(one.prepared.reference);
    expect((await held.query('SELECT FROM bookings LIMIT 1')).rowCount).toBe(1);
    await held.end();
    await fixture.target.end(two.prepared.reference);
  });

  test('takes only roles that Countersign makes (T40)', async () => {
    for (const name of ['postgres', fixture.config.user, 'cs_grn_1"; DROP ROLE postgres', 'cs_other']) {
      await expect(fixture.target.end(name)).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  test('leaves roles and access lists flat over 200 grants (T37)', async () => {
    const before = await catalogue();
    for (let batch = 0; batch < 20; batch += 1) {
      const granted = await Promise.all(Array.from({ length: 10 }, () => fixture.grant(['schema/public'], ALL)));
      await Promise.all(granted.map(({ prepared }) => fixture.target.end(prepared.reference)));
    }
    expect(await catalogue()).toEqual(before);
  }, 60_000);

  test('is proven by nothing but the target’s own refusal: one that cannot be reached is not dead (P5)', async () => {
    const proof = await fixture.variant({ port: 1 }).probe(fixture.target.prepare(newId('grn')));
    expect(proof.dead).toBe(false);
    expect(proof.lines[0]).toMatch(/^Nothing is proven/);
  });

  test('finds roles whose grant nobody knows, and previews that were left', async () => {
    const { prepared } = await fixture.grant([TABLE], ['select']);
    expect(await fixture.target.orphans()).toEqual([prepared.reference]);
    await fixture.target.end(prepared.reference);
    const broker = await fixture.login({ reference: fixture.config.user, secret: fixture.secret });
    const [stale, fresh] = ['cs_prv_0000000000000000000a', 'cs_prv_0000000000000000000b'];
    await broker.query(
      `SET createrole_self_grant = 'set, inherit'; CREATE ROLE ${stale} LOGIN VALID UNTIL '2020-01-01'`,
    );
    const soon = new Date(Date.now() + 60_000).toISOString();
    await broker.query(`CREATE ROLE ${fresh} LOGIN VALID UNTIL '${soon}'`);
    expect(await fixture.target.sweepDead()).toEqual([stale]);
    await fixture.target.end(fresh);
    await broker.end();
  });
});
