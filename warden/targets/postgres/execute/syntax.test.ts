import { describe, expect, test } from 'vitest';
import { checkStatement } from './syntax';

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
