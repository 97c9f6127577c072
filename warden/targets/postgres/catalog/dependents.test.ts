import { expect, test } from 'vitest';
import { cascadeOfDelete, type Dependent } from './dependents';

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
    cascadeOfDelete(links, ['s.a'])
      .map((one) => `${one.name} ${one.onDelete}`)
      .sort(),
  ).toEqual(['a c', 'b c', 'm c', 'n n', 'y c']);
});
