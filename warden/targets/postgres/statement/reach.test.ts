import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bookingCompany, type Fixture } from '#testing/database';
import { FUNCTIONS, TYPES } from './allowed';
import { outlineOf } from './outline';
import { createSqlParser } from './parser';
import { type Strangers, strangersOf } from './reach';

/* Nothing is planned that could call what no list names (P1, T79). */

const MORE = `
CREATE TYPE mood AS ENUM ('fine', 'late');
CREATE DOMAIN small AS int CHECK (VALUE < 10);
CREATE FUNCTION peek() RETURNS int STABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION whole_name(customers) RETURNS text STABLE LANGUAGE sql AS 'SELECT $1.name';
CREATE FUNCTION lower(bookings) RETURNS text LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE DOMAIN sly AS int CHECK (VALUE < peek());
CREATE TABLE plain (id int PRIMARY KEY, what text DEFAULT upper('x'), at timestamptz DEFAULT now(), feels mood, n small, tags text[], CHECK (id > 0));
CREATE TABLE sly_default (id int DEFAULT peek());
CREATE TABLE sly_check (id int CHECK (id > peek()));
CREATE TABLE sly_domain (id sly);
CREATE TABLE sly_index (id int);
CREATE FUNCTION steady(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1';
CREATE INDEX ON sly_index (steady(id));
CREATE TABLE sly_policy (id int);
ALTER TABLE sly_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON sly_policy USING (id > peek());
CREATE VIEW sly_view AS SELECT id, peek() AS seen FROM plain;
CREATE VIEW over_it AS SELECT id FROM sly_view;
CREATE TABLE parent (id int) PARTITION BY RANGE (id);
CREATE TABLE child PARTITION OF parent (CHECK (id > peek())) FOR VALUES FROM (0) TO (10);
CREATE TABLE watched (id int);
CREATE TRIGGER watching AFTER DELETE ON watched EXECUTE FUNCTION watch();
CREATE TABLE above_watched (id int PRIMARY KEY);
CREATE TABLE below (id int REFERENCES above_watched ON DELETE CASCADE);
CREATE TRIGGER watching AFTER DELETE ON below EXECUTE FUNCTION watch();
CREATE TABLE shape (at point);
CREATE FUNCTION like_mine(int, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = like_mine);
CREATE FUNCTION same_mine(bool, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR + (LEFTARG = bool, RIGHTARG = text, FUNCTION = same_mine);
`;

let fixture: Fixture;
const parser = createSqlParser();
beforeAll(async () => {
  fixture = await bookingCompany(undefined, MORE);
});
afterAll(async () => {
  await parser.close();
  await fixture.close();
});

async function strangers(sql: string): Promise<Strangers> {
  const [statement = {}] = await parser.parse(sql);
  return strangersOf(fixture.admin, outlineOf(statement));
}

test('Every oid on the list is the function it is said to be, and every type too', async () => {
  const functions = await fixture.admin.query<{ oid: number; name: string }>(
    'SELECT oid::int, proname::text AS name FROM pg_proc WHERE oid = ANY ($1::oid[])',
    [[...FUNCTIONS.keys()]],
  );
  expect(new Map(functions.rows.map(({ oid, name }) => [oid, name]))).toEqual(
    new Map([...FUNCTIONS].sort(([a], [b]) => a - b)),
  );
  const types = await fixture.admin.query<{ oid: number; name: string }>(
    'SELECT oid::int, typname::text AS name FROM pg_type WHERE oid = ANY ($1::oid[])',
    [[...TYPES.keys()]],
  );
  expect(new Map(types.rows.map(({ oid, name }) => [oid, name]))).toEqual(new Map(TYPES));
});

describe('Planned and tried is', () => {
  test.each([
    'SELECT id, upper(what), coalesce(at, now()) FROM plain WHERE id BETWEEN 1 AND $1 AND feels = $2 ORDER BY 2 DESC LIMIT 3',
    "SELECT count(*) FILTER (WHERE what LIKE 'a%'), date_trunc('day', at) FROM public.plain GROUP BY 2 HAVING max(id) > 3",
    "UPDATE plain SET what = what || '!', tags = array_append(tags, 'x') WHERE id = ANY ($1::int[]) RETURNING *",
    'DELETE FROM payments WHERE booking_id IN (SELECT id FROM bookings WHERE nights > 3)',
    'INSERT INTO notes (id, booking_id) VALUES (99, 1) ON CONFLICT (id) DO UPDATE SET booking_id = excluded.booking_id',
    'WITH old AS (SELECT id FROM bookings WHERE nights = 1) SELECT row_number() OVER (ORDER BY id) FROM old',
    'SELECT * FROM guests',
    'INSERT INTO watched VALUES (1)',
    'UPDATE watched SET id = 2',
    'SELECT * FROM watched',
    'INSERT INTO above_watched VALUES (1)',
    'MERGE INTO notes n USING bookings b ON n.booking_id = b.id WHEN MATCHED THEN UPDATE SET booking_id = NULL',
    "SELECT extract(epoch FROM at), trim(what), substring(what FROM 1 FOR 2), position('a' IN what) FROM plain",
    'SELECT (SELECT array_agg(b.id) FROM bookings b WHERE b.customer_id = c.id) FROM customers c',
    "SELECT id::text, what::varchar(3), '3'::small, 'fine'::mood FROM plain",
  ])('%s', async (sql) => expect(await strangers(sql)).toEqual({ planning: [], running: [], mayWriteMore: false }));
});

describe('Not planned is', () => {
  test.each([
    ["SELECT table_to_xml('customers', false, true, '')", 'table_to_xml'],
    ["SELECT 'customers'::regclass", 'type regclass'],
    ["SELECT regclass('customers')", 'regclass'],
    ["SELECT repeat('a', 1000000000)", 'repeat'],
    ['SELECT peek()', 'peek()'],
    ['SELECT public.peek()', 'peek()'],
    ['SELECT c.whole_name FROM customers c', 'whole_name(customers)'],
    ['SELECT (c).whole_name FROM customers c', 'whole_name(customers)'],
    ['SELECT lower(b) FROM bookings b', 'lower(bookings)'],
    ["SELECT 1 === 'a'", 'operator ==='],
    ["SELECT true + 'a'", 'operator +'],
    ['SELECT 1 OPERATOR(public.===) $1', 'operator ==='],
    ['INSERT INTO sly_default DEFAULT VALUES', 'sly_default calls peek()'],
    ['SELECT id FROM sly_check', 'sly_check calls peek()'],
    ['SELECT id FROM sly_domain', 'a domain calls peek()'],
    ['SELECT id FROM sly_index', 'sly_index calls steady(integer)'],
    ['SELECT id FROM sly_policy', 'sly_policy calls peek()'],
    ['SELECT id FROM sly_view', 'sly_view calls peek()'],
    ['SELECT id FROM over_it', 'sly_view calls peek()'],
    ['SELECT id FROM parent', 'child calls peek()'],
    ['WITH plain AS (SELECT 1) SELECT id FROM public.sly_view', 'sly_view calls peek()'],
    ['SELECT at FROM shape', 'column of type point'],
    ["SELECT has_table_privilege('customers', 'SELECT')", 'has_table_privilege'],
    ["SELECT to_tsvector('a') @@ 'a'", 'to_tsvector'],
    ['SELECT * FROM plain FOR UPDATE', 'lockingClause'],
    ['SELECT xmlelement(name a)', 'XmlExpr'],
    ['SELECT count(*) FROM pg_catalog.pg_authid WHERE pg_column_size(rolname) > 1', 'pg_column_size'],
  ])('%s', async (sql, why) => {
    const { planning } = await strangers(sql);
    expect(planning.join('\n')).toContain(why);
  });
});

describe('Planned and not tried is', () => {
  test.each([
    ['DELETE FROM watched', 'trigger watching on watched'],
    ["SELECT query_to_xml('SELECT 1', false, true, '')", 'query_to_xml'],
    ["SELECT set_config('a', 'b', false)", 'set_config'],
    ['SELECT pg_advisory_lock(1)', 'pg_advisory_lock'],
    ['SELECT lo_get(1)', 'lo_get'],
    ["SELECT nextval('x')", 'nextval(regclass)'],
    ['SELECT pg_sleep(1)', 'pg_sleep'],
    ['INSERT INTO bookings (customer_id) VALUES (1)', 'bookings calls nextval(regclass)'],
    ['DELETE FROM above_watched', 'trigger watching on below'],
    ['WITH x AS (DELETE FROM watched) SELECT 1', 'trigger watching on watched'],
    ['MERGE INTO watched w USING plain p ON w.id = p.id WHEN MATCHED THEN DELETE', 'trigger watching on watched'],
    ['INSERT INTO payments (cents) VALUES (1)', 'payments draws a number'],
    ['UPDATE bookings SET id = DEFAULT', 'bookings calls nextval(regclass)'],
  ])('%s', async (sql, why) => {
    const { planning, running } = await strangers(sql);
    expect([planning, running.join('\n')]).toEqual([[], expect.stringContaining(why)]);
  });
});
