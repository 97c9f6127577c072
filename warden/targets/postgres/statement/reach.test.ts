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
  return strangersOf(fixture.admin, outlineOf(statement), ['pg_catalog', 'public', 'pg_temp']);
}

/** Where users made what looks like the server's own. */
const SLY = `
CREATE TABLE plain (id int, what text);
CREATE FUNCTION peek(int, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (LEFTARG = int, RIGHTARG = text, FUNCTION = peek);
`;
const ROWS = `
CREATE FUNCTION row_text(customers) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
CREATE CAST (customers AS text) WITH FUNCTION row_text(customers) AS ASSIGNMENT;
`;
const MORE_SLY = `
CREATE FUNCTION peek() RETURNS int STABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE DOMAIN with_default AS int DEFAULT peek();
CREATE TABLE defaulted (a int, b with_default);
CREATE TABLE days (day date) PARTITION BY RANGE (day);
CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE days_2027 PARTITION OF days FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE TRIGGER arriving AFTER INSERT ON days FOR EACH ROW EXECUTE FUNCTION watch();
CREATE TABLE ruled (id int);
CREATE TABLE told (id int);
CREATE RULE tell AS ON UPDATE TO ruled DO ALSO INSERT INTO told VALUES (1);
CREATE TRIGGER arriving AFTER INSERT ON told FOR EACH ROW EXECUTE FUNCTION watch();
CREATE FUNCTION rows_match(customers, customers) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR @@@ (LEFTARG = customers, RIGHTARG = customers, FUNCTION = rows_match);
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION pairs_near(pair, pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE OPERATOR <~> (LEFTARG = pair, RIGHTARG = pair, FUNCTION = pairs_near);
CREATE DOMAIN "position" AS int CHECK (value > peek());
CREATE FUNCTION cmp_down(int, int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $2 - $1';
CREATE OPERATOR CLASS downwards FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 cmp_down(int, int);
CREATE TABLE found (id int);
CREATE INDEX ON found (id downwards);
CREATE FUNCTION hash_mine(int, bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS 'SELECT 1::bigint';
CREATE OPERATOR CLASS hashed FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 hash_mine(int, bigint);
CREATE TABLE parted (id int) PARTITION BY HASH (id hashed);
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE away (id int) SERVER far;
CREATE SCHEMA hidden;
CREATE TABLE hidden.salaries (at point);
CREATE FUNCTION hidden.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
`;

const ADDED = `
CREATE FUNCTION cmp_text(int, text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
ALTER OPERATOR FAMILY integer_ops USING btree ADD FUNCTION 1 (int, text) cmp_text(int, text);
`;
const DEFAULT_CLASS = `
CREATE FUNCTION json_hash(json) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION json_same(json, json) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR ==== (LEFTARG = json, RIGHTARG = json, FUNCTION = json_same, HASHES);
CREATE OPERATOR CLASS json_order DEFAULT FOR TYPE json USING hash AS OPERATOR 1 ====, FUNCTION 1 json_hash(json);
`;

describe('Users may make what looks like the server’s own', () => {
  async function reached(schema: string, sql: string): Promise<Strangers> {
    const sly = await bookingCompany(undefined, schema);
    const [statement = {}] = await parser.parse(sql);
    return strangersOf(sly.admin, outlineOf(statement), ['pg_catalog', 'public', 'pg_temp']).finally(() => sly.close());
  }

  test.each([
    ['SELECT id FROM plain WHERE id IN (SELECT what FROM plain)', SLY, 'operator =(integer,text)'],
    ['SELECT 1 FROM plain a JOIN (SELECT what AS id FROM plain) b USING (id)', SLY, 'operator =(integer,text)'],
    ['SELECT 1 FROM plain a NATURAL JOIN (SELECT what AS id FROM plain) b', SLY, 'operator =(integer,text)'],
    ['SELECT c::text FROM customers c', ROWS, 'the cast from customers to text'],
    ['INSERT INTO defaulted (a) VALUES (1)', MORE_SLY, 'peek()'],
    ['SELECT 1 FROM customers c WHERE c @@@ c', MORE_SLY, 'operator @@@'],
    ["SELECT '(1,2)' <~> '(3,4)'", MORE_SLY, 'operator <~>'],
    ['SELECT "position"(3)', MORE_SLY, 'type "position"'],
    ['SELECT id FROM found', MORE_SLY, 'operator class downwards'],
    ['SELECT id FROM parted', MORE_SLY, 'operator class hashed'],
    ['SELECT id FROM away', MORE_SLY, 'away is a foreign table'],
    ['SELECT id FROM bookings', ADDED, 'cmp_text was added to how integer'],
    ['SELECT id FROM bookings', DEFAULT_CLASS, 'operator class json_order'],
  ])('%s', async (sql, schema, why) => {
    expect((await reached(schema, sql)).planning.join('\n')).toContain(why);
  });

  test.each([
    ["UPDATE days SET day = '2027-05-05' WHERE day = '2026-05-05'", 'trigger arriving on days'],
    ['UPDATE ruled SET id = 1', 'trigger arriving on told'],
  ])('%s', async (sql, why) => {
    expect((await reached(MORE_SLY, sql)).running.join('\n')).toContain(why);
  });

  test.each([
    'WITH salaries AS (SELECT 1) SELECT 1 FROM salaries',
    'SELECT lower(what) FROM (SELECT name AS what FROM customers) x',
    'SELECT r.id FROM (SELECT id, rank() OVER (ORDER BY nights) AS rank FROM bookings) r WHERE r.rank < 4',
  ])('What another schema has changes nothing: %s', async (sql) => {
    expect(await reached(MORE_SLY, sql)).toEqual({ planning: [], running: [], mayWriteMore: false });
  });
});

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
    ["SELECT nextval('x')", 'nextval(regclass)'],
    ["SELECT pg_relation_size('hidden.salaries')", 'pg_relation_size'],
    ['SELECT (3).steady FROM plain', 'steady(integer)'],
    ["SELECT ('a'::text).dblink_connect, (5).pg_sleep FROM plain", 'pg_sleep'],
    ["SELECT ('hidden.t'::text).regclass", 'regclass'],
    ['SELECT 1::bit(83886080)', 'more than 10000 places'],
    ["SELECT 'a'::char(10485760)", 'more than 10000 places'],
    ['SELECT (1e65000 - 1) * (1e65000 - 1)', 'so many digits'],
    ["SELECT '1e65000'::numeric * 2", 'so many digits'],
    ["SELECT replace('a', 'a', 'b')", 'replace'],
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
