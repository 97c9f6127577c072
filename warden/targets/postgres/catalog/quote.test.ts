import { describe, expect, test } from 'vitest';
import { identifier, literal, ownRole, previewRole } from './quote';

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
