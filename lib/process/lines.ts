import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { readPrivate, syncFolder, writeAll } from './private-file';

/**
 * What stands behind the last newline was cut off while it was written, and nobody
 * was told that it is there. It is taken away where it stands, also from a disk that is full: the next line would be glued to it.
 */
export function wholeLines(path: string): string[] {
  const text = readPrivate(path) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) truncateSync(path, Buffer.byteLength(whole));
  return whole.split('\n').filter((line) => line !== '');
}

/** On disk before it returns; whole, or not at all. */
export function appendLine(path: string, line: string): void {
  const file = openSync(path, 'a', 0o600);
  const sizeBytes = fstatSync(file).size;
  try {
    writeAll(file, Buffer.from(`${line}\n`));
    fsyncSync(file);
  } catch (error) {
    // A disk that was full for half of it keeps no half.
    ftruncateSync(file, sizeBytes);
    throw error;
  } finally {
    closeSync(file);
  }
  if (sizeBytes === 0) syncFolder(dirname(path));
}
