import { expect, test } from 'vitest';
import { differences, type RolePlan } from './rights';

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
