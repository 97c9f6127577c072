import { afterAll, describe, expect, test } from 'vitest';
import { outlineOf } from './outline';
import { createSqlParser } from './parser';

const parser = createSqlParser();
afterAll(() => parser.close());

async function outline(sql: string) {
  const [statement = {}] = await parser.parse(sql);
  const { functions, operators, types, relations, fields, methods, unknown } = outlineOf(statement);
  const text = ({ schema, name }: { readonly schema: string | null; readonly name: string }): string =>
    schema === null ? name : `${schema}.${name}`;
  return {
    functions: [...new Set(functions.map(text))],
    operators: [...new Set(operators.map(text))],
    types: [...new Set(types.map(text))],
    relations: relations.map((one) => `${one.how} ${text(one)}`),
    fields,
    methods,
    unknown,
  };
}

test('Names every function, operator, type and relation, wherever it stands', async () => {
  const sql = `WITH x AS (SELECT a.id, lower(b.n) FROM s.t a JOIN u b ON a.id OPERATOR(pg_catalog.=) b.id
      WHERE a.v::int > $1 AND b.q IN (1, 2) AND EXISTS (SELECT f(1) FROM v) AND c LIKE 'x%' ORDER BY a.z USING <)
    UPDATE s.t SET k = x.n || CAST('a' AS other.kind) FROM x, unnest(ARRAY[g(2)]) WHERE s.t.id = ANY (SELECT h FROM w)
      AND s.t.n BETWEEN 1 AND 2 RETURNING count(*) FILTER (WHERE p.q()) OVER (ORDER BY r(1))`;
  expect(await outline(sql)).toEqual({
    functions: expect.arrayContaining(['lower', 'f', 'unnest', 'g', 'count', 'p.q', 'r']),
    operators: expect.arrayContaining(['pg_catalog.=', '>', '=', '~~', '<', '||', '>=', '<=']),
    types: expect.arrayContaining(['pg_catalog.int4', 'other.kind']),
    relations: expect.arrayContaining(['select s.t', 'select u', 'select v', 'update s.t', 'select x', 'select w']),
    fields: expect.arrayContaining(['id', 'n', 'v', 'q', 'z']),
    methods: [],
    unknown: [],
  });
});

describe('How each changes', () => {
  test.each([
    ['INSERT INTO t (a) VALUES (DEFAULT), (1)', ['insert t']],
    ['INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2', ['insert t', 'update t']],
    ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', ['insert t']],
    ['DELETE FROM s.t USING u WHERE t.a = u.a', ['delete s.t', 'select u']],
    [
      'WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone',
      ['insert u', 'delete t', 'select gone'],
    ],
    ['MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE', ['delete t', 'select u']],
    [
      'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND t.b THEN DO NOTHING WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT DEFAULT VALUES',
      ['select t', 'update t', 'insert t', 'select u'],
    ],
    ['VALUES (1)', []],
    ['TABLE t', ['select t']],
  ])('%s', async (sql, relations) => {
    const seen = await outline(sql);
    expect([...seen.relations].sort()).toEqual([...relations].sort());
    expect(seen.unknown).toEqual([]);
  });
});

test.each([
  ['SELECT * INTO t2 FROM t', 'intoClause'],
  ['SELECT * FROM t FOR UPDATE', 'lockingClause'],
  ['SELECT * FROM t TABLESAMPLE bernoulli(1)', 'RangeTableSample'],
  ["SELECT xmlelement(name a, 'b')", 'XmlExpr'],
  ["SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS b int)", 'RangeTableFunc'],
  ["SELECT json_value('{}', '$.a')", 'JsonFuncExpr'],
  ['SELECT a COLLATE nobody FROM t', 'CollateClause'],
  ['UPDATE t SET a = 1 WHERE CURRENT OF c', 'CurrentOfExpr'],
  ['CREATE TABLE t ()', 'CreateStmt'],
  ["SET a = 'b'", 'VariableSetStmt'],
  ['EXECUTE p', 'ExecuteStmt'],
])('What is not listed is told: %s', async (sql, unknown) => {
  expect((await outline(sql)).unknown).toContain(unknown);
});

test('A function written like a column is among the fields, and what stands behind anything else among the methods', async () => {
  const { fields, methods } = await outline('SELECT t.secret, (t.a).inner_one, (t).row_fn, s.t.whole, (3).f FROM t');
  expect([...fields].sort()).toEqual(['a', 'secret', 't', 'whole']);
  expect([...methods].sort()).toEqual(['f', 'inner_one', 'row_fn']);
});
