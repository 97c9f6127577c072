import { describe, expect, test } from 'vitest';
import { FiledOperation, MAX_GRAPHQL_TOKENS, printedGraphql } from './documents';

describe('An exact GraphQL operation, as it is filed,', () => {
  test.each([
    ['two operations', 'query A { me { id } } query B { me { id } }'],
    ['a type beside it', 'query A { me { id } } type X { id: ID }'],
    ['a description that tells another story (T2)', '"""Only reads""" mutation { volumeDelete(volumeId: "1") }'],
    ['no GraphQL', 'DROP TABLE x'],
    ['nothing', ''],
  ])('is not %s', (_name, query) => {
    expect(FiledOperation.safeParse({ query, variables: {} }).success).toBe(false);
  });

  test('is kept in its one printed form, so that what is signed is what is sent', () => {
    expect(FiledOperation.parse({ query: 'mutation   X{a:volumeDelete(volumeId:"1")#gone\n}', variables: {} })).toEqual(
      {
        query: 'mutation X {\n  a: volumeDelete(volumeId: "1")\n}',
        variables: {},
      },
    );
  });

  test('is not one that a parser could be exhausted with (T68)', () => {
    const query = `{ ${'a '.repeat(MAX_GRAPHQL_TOKENS)}}`;
    expect(FiledOperation.safeParse({ query, variables: {} }).success).toBe(false);
    expect(printedGraphql(query)).toBeNull();
  });

  test('is printed the same again', () => {
    const printed = printedGraphql('query Q($id: ID!) { ...F } fragment F on Query { me { id } }');
    expect(printed).not.toBeNull();
    expect(printedGraphql(printed ?? '')).toBe(printed);
  });
});

test.each([
  ['a statement', { sql: 'SELECT 1', parameters: [] }],
  ['a call', { method: 'DELETE', path: '/v1/things/1' }],
])('%s is filed as it came', (_name, operation) => {
  expect(FiledOperation.parse(operation)).toEqual(operation);
});
