import { closeSync, createReadStream, fsyncSync, lstatSync, openSync, readdirSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Line, openPart, sealPart } from './part';

/*
 * Runs as the user of one process, on that process's folder: what lies in it is
 * read and written by nobody else, and leaves it encrypted.
 *
 *   seal <folder> <recipient>    the folder's files, on stdout
 *   open <folder>                on descriptor 3 the key, a newline, and what was sealed
 */

const PIECE_BYTES = 1 << 20;

/** First, since what is written beside it is never behind it. */
const FIRST = 'pin.json';

/** Plain files of the folder itself, but for what the process says of its work. */
function filesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => isKept(name) && lstatSync(join(folder, name)).isFile());
  return names.sort((a, b) => Number(b === FIRST) - Number(a === FIRST));
}

const isKept = (name: string): boolean => /^[\w-][\w.-]*$/.test(name) && !/^(?:warden|gateway)\.log/.test(name);

async function* piecesOf(folder: string): AsyncGenerator<Line> {
  for (const file of filesIn(folder)) {
    const opened = await open(join(folder, file), 'r');
    const stream = opened.createReadStream({ highWaterMark: PIECE_BYTES });
    let some = false;
    for await (const piece of stream) {
      some = true;
      yield { file, data: (piece as Buffer).toString('base64') };
    }
    if (!some) yield { file, data: '' };
  }
}

/** Never over what is there already. */
async function unpack(folder: string, lines: AsyncIterable<Line>): Promise<void> {
  const files = new Map<string, number>();
  for await (const line of lines) {
    if (!('file' in line) || !isKept(line.file)) throw new Error('This part holds what belongs into no folder.');
    const file = files.get(line.file) ?? openSync(join(folder, line.file), 'wx', 0o600);
    files.set(line.file, file);
    writeSync(file, Buffer.from(line.data, 'base64'));
  }
  for (const file of files.values()) {
    fsyncSync(file);
    closeSync(file);
  }
}

/** The key stands before what it opens. */
async function* afterKey(input: AsyncIterable<Buffer>, found: (key: string) => void): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of input) {
    const known: Buffer = head === null ? chunk : Buffer.concat([head, chunk]);
    const end: number = head === null ? -1 : known.indexOf('\n');
    if (head !== null && end < 0) head = known;
    else {
      if (head !== null) found(known.subarray(0, end).toString('utf8'));
      head = null;
      yield known.subarray(end + 1);
    }
  }
}

async function openSealed(folder: string): Promise<void> {
  let key = '';
  const sealed = afterKey(createReadStream('', { fd: 3 }), (found) => (key = found));
  // The first piece comes once the key is known.
  const { value: first = Buffer.alloc(0) } = await sealed.next();
  async function* whole(): AsyncGenerator<Buffer> {
    yield first;
    yield* sealed;
  }
  await unpack(folder, openPart(Readable.from(whole(), { objectMode: false }), key));
}

async function main([what, folder = '', recipient = '']: readonly string[]): Promise<void> {
  await (what === 'seal' ? sealPart(piecesOf(folder), recipient, process.stdout) : openSealed(folder));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
