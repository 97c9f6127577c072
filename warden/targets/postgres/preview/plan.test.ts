import { describe, expect, test } from 'vitest';
import { usesOf } from './plan';

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
