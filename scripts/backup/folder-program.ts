import { closeSync, createReadStream, fsyncSync, lstatSync, openSync, readdirSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Line, sealPart } from './part';

/*
 * Runs as the user of one process, on that process's folder: what lies in it is
 * read and written by nobody else, and leaves it encrypted; it is opened by the starter, which alone has the key.
 *
 *   seal <folder> <recipient>    the folder's files, on stdout
 *   open <folder>                on descriptor 3 the lines of what was sealed
 */

const PIECE_BYTES = 1 << 20;

/** First, since what is written beside it is never behind it. */
const FIRST = 'pin.json';

/** Plain files of the folder itself, but for what the process says of its work. */
function filesIn(folder: string): string[] {
  const isFile = (name: string): boolean => lstatSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true;
  const names = readdirSync(folder).filter((name) => isKept(name) && isFile(name));
  return names.sort((a, b) => Number(b === FIRST) - Number(a === FIRST));
}

/** Not the log, no draft that is about to be renamed, and not the mark of an earlier restoring: a new one is made. */
const isKept = (name: string): boolean =>
  /^[\w-][\w.-]*$/.test(name) && !/^(?:(?:warden|gateway)\.log|restored\.json$)|\.new$/.test(name);

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

/** What the starter has opened with the key, which nobody else gets. */
async function* linesOf(descriptor: number): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: createReadStream('', { fd: descriptor }) }))
    yield JSON.parse(line) as Line;
}

async function main([what, folder = '', recipient = '']: readonly string[]): Promise<void> {
  await (what === 'seal' ? sealPart(piecesOf(folder), recipient, process.stdout) : unpack(folder, linesOf(3)));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
