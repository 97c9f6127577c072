import { afterEach, expect, test } from 'vitest';
import { createSqlParser, type SqlParser } from './parser';

let parser: SqlParser;
afterEach(() => parser.close());

test('Reads what PostgreSQL reads, and says what it does not', async () => {
  parser = createSqlParser();
  expect(await parser.parse('SELECT 1')).toHaveLength(1);
  expect(await parser.parse('SELECT 1; SELECT 2')).toHaveLength(2);
  await expect(parser.parse('')).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(parser.parse('SELEC 1')).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('syntax error at or near "SELEC"'),
  });
});

test('Twenty at once are each answered with their own', async () => {
  parser = createSqlParser();
  const texts = Array.from({ length: 20 }, (_, n) => `SELECT ${n} AS c${n}${n % 3 === 0 ? ' FRM x' : ''}`);
  const answers = await Promise.allSettled(texts.map((text) => parser.parse(text)));
  for (const [n, answer] of answers.entries())
    expect(JSON.stringify(answer.status === 'fulfilled' ? answer.value : answer.reason.message)).toContain(
      n % 3 === 0 ? 'FRM' : `c${n}`,
    );
});

test.each([
  ['nested beyond reason', `SELECT ${'('.repeat(40_000)}1${')'.repeat(40_000)}`],
  ['nested CASE', `SELECT ${'CASE WHEN true THEN '.repeat(20_000)}1${' END'.repeat(20_000)}`],
  ['a very long list', `SELECT 1 WHERE 1 IN (${'1,'.repeat(2_000_000)}1)`],
  ['an expression without an end', `SELECT 1${' + 1'.repeat(500_000)}`],
])('A text that is too much for the thread is refused, and the next one is read: %s', async (_, sql) => {
  parser = createSqlParser();
  await parser.parse(sql).catch((error: unknown) => expect(error).toMatchObject({ code: 'invalid_request' }));
  expect(await parser.parse('SELECT 1')).toHaveLength(1);
});

test('One that takes too long is broken off, and the thread with it', async () => {
  parser = createSqlParser({ milliseconds: 1, pages: 4_096 });
  await expect(parser.parse(`SELECT 1 WHERE 1 IN (${'1,'.repeat(300_000)}1)`)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('too long to read'),
  });
});

test('The grammar gets no more memory than it may have', async () => {
  parser = createSqlParser({ milliseconds: 20_000, pages: 2_048 });
  const large = `SELECT 1 WHERE 1 IN (${'1,'.repeat(1_000_000)}1)`;
  await expect(parser.parse(large)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(await parser.parse('SELECT 1')).toHaveLength(1);
});
