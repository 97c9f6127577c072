import { expect, test } from 'vitest';
import { jsonParser } from './run';

test('numbers that JSON cannot hold stay text', () => {
  expect([jsonParser(701)('1.5'), jsonParser(701)('Infinity'), jsonParser(20)('1'), jsonParser(16)('f')]).toEqual([
    1.5,
    'Infinity',
    '1',
    false,
  ]);
});
