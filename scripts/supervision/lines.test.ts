import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { eachLine, printable } from './lines';
import { openLog } from './log-file';

async function linesOf(chunks: readonly string[], longest?: number): Promise<string[]> {
  const lines: string[] = [];
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  eachLine(stream, (line) => lines.push(line), longest);
  await new Promise((resolve) => stream.once('close', resolve));
  return lines;
}

test('Lines come whole, wherever the chunks end, and the last one without its end', async () => {
  expect(await linesOf(['one\ntw', 'o\n', '\nfo', 'ur'])).toEqual(['one', 'two', '', 'four']);
});

test('A line that never ends is cut: what a taken process writes does not fill the starter’s memory', async () => {
  expect(await linesOf(['aaaa', 'aaaa', 'aa\nnext\n'], 5)).toEqual(['aaaaa', 'next']);
});

test('What a process says moves no cursor in the terminal of whoever watches', () => {
  expect(printable('a\u001B[2Jb\u009Bc\u202Ed')).toBe('a [2Jb c d');
});

test('A log is two files of bounded size, however much is written', () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-log-'));
  const log = openLog(join(dir, 'web.log'), dir, null, 1_000);
  for (let count = 0; count < 500; count += 1) log.write(`line ${count}`);
  const files = readdirSync(dir).sort();
  const last = readFileSync(join(dir, 'web.log'), 'utf8').trim().split('\n').at(-1);
  const sizes = files.map((file) => statSync(join(dir, file)).size);
  rmSync(dir, { recursive: true });
  expect([files, last]).toEqual([['web.log', 'web.log.1'], 'line 499']);
  for (const size of sizes) expect(size).toBeLessThan(1_100);
});
