import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask } from '#lib/targets';
import { bookingCompany, type Fixture } from '#testing/database';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await bookingCompany(
    undefined,
    `
    CREATE TYPE mood AS ENUM ('fine', 'low');
    CREATE TABLE felt (id int, feels mood);
    CREATE TABLE open_to_all (id int, hidden int);
    GRANT SELECT (id) ON open_to_all TO PUBLIC;
    CREATE SCHEMA hidden;
    CREATE TABLE hidden.salaries (id int);
    CREATE FUNCTION hidden.whisper(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE watched (id int);
    CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER watching AFTER DELETE ON watched EXECUTE FUNCTION watch();`,
  );
});
afterAll(() => fixture.close());

const ask = (sql: string, more: Partial<Ask> = {}, maxRows: number | null = 5): Ask => ({
  resources: ['table/public.bookings', 'table/public.felt', 'table/public.watched'],
  verbs: ['select', 'update', 'delete'],
  ttlSeconds: 600,
  maxUses: null,
  operation: { sql, parameters: [], ...(maxRows === null ? {} : { maxRows }) },
  ...more,
});
const refusal = (asked: Ask): Promise<string | null> =>
  fixture.target.check(asked).then(
    () => null,
    ({ code, message, errors = [] }) =>
      [code, message, ...errors.map((one: { detail: string }) => one.detail)].join(' '),
  );

describe('Told at once is what', () => {
  test.each([
    ['is a utility', "COPY bookings TO PROGRAM 'id'", 'one SELECT, INSERT, UPDATE, DELETE or MERGE'],
    ['ends the transaction', '/* SELECT */ COMMIT', 'one SELECT'],
    ['is anonymous code', '((DO $$ BEGIN END $$', 'one SELECT'],
    ['is TRUNCATE', 'TRUNCATE bookings', 'TRUNCATE cannot be counted'],
    ['smuggles ANALYZE', 'ANALYZE UPDATE bookings SET nights = 1', 'one SELECT'],
    ['is two statements', 'UPDATE bookings SET nights = 1; DELETE FROM bookings', 'is one statement, and no other'],
    [
      'hides a second one',
      'UPDATE bookings SET nights = 1 --\n; DROP TABLE bookings',
      'is one statement, and no other',
    ],
    ['does not parse', 'UPDATE bookings SETT nights = 1', 'syntax error'],
    [
      'names no column there is',
      'UPDATE bookings SET nigths = 1',
      'column "nigths" of relation "bookings" does not exist',
    ],
    ['names no column to read', 'SELECT b.nigths FROM bookings b', 'column b.nigths does not exist'],
    ['names no table', 'DELETE FROM bookins', 'There is no table bookins here'],
    [
      'names no function',
      'SELECT lenght(nights) FROM bookings',
      'There is no function lenght in PostgreSQL or in public',
    ],
    ['calls one with other types', 'SELECT length(nights) FROM bookings', 'function length(integer) does not exist'],
    ['names no type', 'SELECT id::integr FROM bookings', 'There is no type integr'],
    ['sets another type', "UPDATE bookings SET nights = 'a'::text", 'but expression is of type text'],
    ['writes no number', "SELECT id FROM bookings WHERE nights = 'many'", 'invalid input syntax for type integer'],
    ['writes no such value', "UPDATE felt SET feels = 'angry'", 'invalid input value for enum mood'],
    ['leaves out a group', 'SELECT nights, count(*) FROM bookings', 'must appear in the GROUP BY'],
    ['leaves open a type', 'SELECT id FROM bookings WHERE $1 IS NULL', 'could not determine data type'],
    ['lacks a parameter', 'SELECT id FROM bookings WHERE id = $1', 'it has 1 parameters, and 0 were sent'],
    ['needs a verb', 'INSERT INTO bookings (id) VALUES (1)', 'It needs insert on table/public.bookings.'],
    [
      'needs a table',
      'UPDATE bookings SET nights = 1 WHERE id IN (SELECT id FROM payments)',
      'select on table/public.payments',
    ],
    [
      'reads behind what is there',
      'WITH x AS (SELECT 1) SELECT * FROM x, customers',
      'select on table/public.customers',
    ],
    ['upserts', 'INSERT INTO felt VALUES (1) ON CONFLICT DO NOTHING', 'insert on table/public.felt'],
    ['writes what all may read', 'UPDATE open_to_all SET id = 1', 'update on table/public.open_to_all'],
    ['names another schema', 'SELECT * FROM hidden.salaries', 'hidden.salaries is in no schema of this target: public'],
    [
      'and one that is not there',
      'SELECT * FROM hidden.nothing',
      'hidden.nothing is in no schema of this target: public',
    ],
    ['names what another schema has', 'SELECT whisper(id) FROM bookings', 'There is no function whisper'],
    [
      'nobody could plan, and lacks',
      "SELECT table_to_xml('a', true, true, '') FROM customers",
      'select on table/public.customers',
    ],
  ])('%s', async (_title, sql, said) => {
    expect(await refusal(ask(sql))).toContain(`invalid_request`);
    expect(await refusal(ask(sql))).toContain(said);
  });

  test('reads what it may only change', async () => {
    const blind = { verbs: ['update'] };
    for (const sql of ['UPDATE bookings SET nights = 1 WHERE id = 3', 'UPDATE bookings SET nights = 1 RETURNING *'])
      expect(await refusal(ask(sql, blind))).toContain('It needs select on table/public.bookings.');
    expect(await refusal(ask('UPDATE bookings SET nights = 1', blind))).toBeNull();
    expect(await refusal(ask('UPDATE bookings SET nights = v.n FROM (VALUES (3)) v(n)', blind))).toBeNull();
  });

  test('is not counted, and does not say how many rows it may touch', async () => {
    for (const sql of ['DELETE FROM watched', 'SELECT pg_sleep(1)', "SELECT table_to_xml('a', true, true, '')"])
      expect(await refusal(ask(sql, {}, null))).toContain('Say operation.maxRows');
    expect(await refusal(ask('UPDATE bookings SET nights = 1', {}, null))).toBeNull();
  });
});

describe('Not told is', () => {
  test.each([
    ['whether another schema has it', 'SELECT hidden.whisper(nigths) FROM bookings'],
    ['whether another schema has it not', 'SELECT hidden.nothing(nigths) FROM bookings'],
    ['what planning would find out', 'SELECT 1 / 0 FROM bookings'],
    ['what a function says', "SELECT query_to_xml('SELECT nothing', true, true, '')"],
    ['what is wrong beside what is not planned', "SELECT nigths, table_to_xml('a', true, true, '') FROM bookings"],
    ['what all may read', 'SELECT id FROM open_to_all'],
    ['what a catalogue holds', 'SELECT relname FROM pg_catalog.pg_class'],
    [
      'anything of what is right',
      "WITH b AS (SELECT id FROM bookings) DELETE FROM felt USING b WHERE felt.id = b.id AND feels = 'low'",
    ],
    [
      'a MERGE that only does what was asked',
      'MERGE INTO felt USING bookings b ON felt.id = b.id WHEN MATCHED THEN DELETE',
    ],
  ])('%s', async (_title, sql) => expect(await refusal(ask(sql))).toBeNull());
});

test('Nothing is planned, run or left behind by it, and a table that is locked holds it up a moment only', async () => {
  await fixture.admin.query('BEGIN; LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE');
  await expect(fixture.target.check(ask('SELECT nigths FROM bookings'))).rejects.toMatchObject({
    code: 'target_refused',
  });
  await fixture.admin.query('ROLLBACK');
  for (let n = 0; n < 5; n += 1) expect(await refusal(ask('SELECT nights FROM bookings'))).toBeNull();
});
