import { describe, expect, test } from 'vitest';
import { alongDelete, type Dependent } from './catalog/dependents';
import { identifier, literal, ownRole, previewRole } from './catalog/quote';
import { driftOf } from './execute/execute';
import { jsonParser } from './execute/run';
import { checkStatement } from './execute/syntax';
import { usesOf } from './preview/plan';
import { differences, type RolePlan } from './role/rights';
import { scramVerifier } from './role/scram';

describe('names in SQL (T40)', () => {
  test.each(['a"b', "a'b", 'a;b', 'sélect', 'A B', '"; DROP ROLE x; --'])('%j is quoted whole', (name) => {
    expect(identifier(name)).toBe(`"${name.replaceAll('"', '""')}"`);
  });
  test.each(['', 'a\0b', 'x'.repeat(64), 'é'.repeat(32)])(
    '%j is refused: PostgreSQL would read another name',
    (name) => {
      expect(() => identifier(name)).toThrow();
    },
  );
  test('texts are quoted, NUL is refused', () => {
    expect(literal("it's \\ here")).toBe(" E'it''s \\\\ here'");
    expect(() => literal('\0')).toThrow();
  });
  test('only our own role names pass, and previews have them', () => {
    expect(ownRole(previewRole())).toMatch(/^cs_prv_[0-9a-z]{20}$/);
    for (const name of ['postgres', 'cs_prv_x', 'cs_grn_0123456789abcdefghij\n', 'CS_GRN_0123456789abcdefghij'])
      expect(() => ownRole(name)).toThrow();
  });
});

test('the verifier is the one of the example in RFC 7677, written as PostgreSQL stores it', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  expect(await scramVerifier('pencil', salt)).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

describe('the first look at a statement', () => {
  test.each([
    'SELECT 1',
    ' (( select 1))',
    '/* a /* nested */ b */ UPDATE x SET a = 1',
    '-- c\nWITH y AS (SELECT 1) DELETE FROM x',
    'MERGE INTO x',
    'values (1)',
    '\n\tTABLE x',
  ])('%j may go on to the planner', (sql) => {
    expect(() => checkStatement(sql)).not.toThrow();
  });
  test.each([
    '',
    '--',
    '/* SELECT',
    '/* */ */ SELECT',
    'EXPLAIN SELECT 1',
    'SET ROLE x',
    'GRANT x TO y',
    'CALL p()',
    'PREPARE TRANSACTION $$x$$',
    'SELECT\0',
    'selectx',
    'ＳＥＬＥＣＴ 1',
    'LISTEN x',
  ])('%j is refused', (sql) => {
    expect(() => checkStatement(sql)).toThrow();
  });
});

describe('a plan', () => {
  const node = (more: object) => [
    {
      Plan: {
        'Node Type': 'ModifyTable',
        Schema: 's',
        'Relation Name': 't',
        Plans: [
          {
            'Node Type': 'Seq Scan',
            'Parent Relationship': 'Outer',
            'Plan Rows': 7,
            Schema: 's',
            'Relation Name': 'u',
          },
        ],
        ...more,
      },
    },
  ];
  test.each([
    ['Insert', {}, ['insert']],
    ['Insert', { 'Conflict Resolution': 'UPDATE' }, ['insert', 'update']],
    ['Update', {}, ['update']],
    ['Delete', {}, ['delete']],
    ['Merge', {}, ['insert', 'update', 'delete']],
    ['Something new', {}, ['insert', 'update', 'delete']],
  ])('%s %j counts as %j: unknown is every write (P7)', (operation, more, how) => {
    const uses = usesOf(node({ Operation: operation, ...more }));
    expect(uses.filter((use) => use.name === 't').map((use) => use.how)).toEqual(how);
    expect(uses[0]?.rows).toBe(7);
    expect(uses).toContainEqual({ schema: 's', name: 'u', how: 'select', rows: 7 });
  });
  test.each([null, [], [{}], ['Utility Statement'], [{ Plan: 1 }], [{ 'Utility Statement': 'x' }]])(
    'that is %j is no plan',
    (explained) => {
      expect(() => usesOf(explained)).toThrow();
    },
  );
});

test('rights found and rights approved must agree both ways (P7)', () => {
  const table = {
    oid: '1',
    schema: 's',
    name: 't',
    kind: 'table',
    estimatedRows: 1,
    rowSecurity: false,
    lacking: [],
    publicVerbs: [],
  } as const;
  const plan: RolePlan = {
    role: 'cs_x',
    verifier: '',
    validUntil: new Date(0),
    database: 'd',
    tables: [table],
    sequences: [{ schema: 's', name: 'q' }],
    verbs: ['update', 'insert'],
    connectionLimit: 5,
    timeoutMs: 1,
    comment: '',
  };
  const exact = ['UPDATE on s.t', 'INSERT on s.t', 'USAGE on s.q', 'CONNECT on database d', 'USAGE on schema s'];
  expect(differences(plan, exact)).toEqual([]);
  expect(differences(plan, exact.slice(0, 3))).toEqual([]);
  expect(differences(plan, exact.slice(1))).toEqual(['lacks UPDATE on s.t']);
  for (const extra of [
    'DELETE on s.t',
    'UPDATE with grant option on s.t',
    'CREATE on schema s',
    'membership of x',
    'something on pg_type 1',
  ])
    expect(differences(plan, [...exact, extra])).toEqual([`has ${extra}`]);
});

test('only deleted rows pull more rows along, and circles end', () => {
  const link = (from: string, name: string, onDelete: string): Dependent => ({
    schema: 's',
    name,
    from: `s.${from}`,
    onDelete,
    onUpdate: 'a',
    estimatedRows: null,
  });
  const links = [
    link('a', 'b', 'c'),
    link('b', 'a', 'c'),
    link('b', 'n', 'n'),
    link('n', 'z', 'c'),
    link('a', 'x', 'a'),
    link('a', 'm', 'n'),
    link('b', 'm', 'c'),
    link('m', 'y', 'c'),
  ];
  expect(
    alongDelete(links, ['s.a'])
      .map((one) => `${one.name} ${one.onDelete}`)
      .sort(),
  ).toEqual(['a c', 'b c', 'm c', 'n n', 'y c']);
});

test('numbers that JSON cannot hold stay text', () => {
  expect([jsonParser(701)('1.5'), jsonParser(701)('Infinity'), jsonParser(20)('1'), jsonParser(16)('f')]).toEqual([
    1.5,
    'Infinity',
    '1',
    false,
  ]);
});

test.each([
  [{ maxRows: 5, how: 'update' }, 5, ['table/public.a'], null],
  [{ maxRows: 5, how: 'update' }, 6, ['table/public.a'], /would touch 6 rows, and 5/],
  [{ maxRows: 5, how: 'update' }, 1, ['table/public.b'], /would also write table\/public\.b/],
  [{ maxRows: 5, how: 'select' }, 1, ['table/public.a'], /would also write table\/public\.a/],
])('drift is more rows or another table than approved: %j %i %j', (approved, rows, written, expected) => {
  const touched = [{ resource: 'table/public.a', how: approved.how, countedRows: null, estimatedRows: null }];
  const found = driftOf({ verbs: ['update'], maxRows: approved.maxRows, touched }, rows, written);
  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatch(expected);
});
