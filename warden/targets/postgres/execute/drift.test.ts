import { expect, test } from 'vitest';
import { driftOf } from './execute';

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
