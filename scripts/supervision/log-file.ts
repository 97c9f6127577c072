import { closeSync, constants, fstatSync, renameSync, writeSync } from 'node:fs';
import { openPlain, putOnce } from '#scripts/folder';
import type { Owner } from '#scripts/machine';

export interface LogFile {
  write(line: string): void;
}

const LIMIT_BYTES = 10_000_000;

/**
 * A log in its process's own folder: at most two files of ten megabytes, however
 * much the process writes. What the process puts in the log's place is left
 * alone, and its lines are dropped then: they are its own.
 */
export function openLog(path: string, workshop: string, owner: Owner | null, limitBytes = LIMIT_BYTES): LogFile {
  let file = open();
  let sizeBytes = file === null ? 0 : fstatSync(file).size;

  function open(): number | null {
    try {
      putOnce({ workshop, path, mode: 0o600, owner }, () => '');
      return openPlain(path, constants.O_WRONLY | constants.O_APPEND, owner);
    } catch {
      return null;
    }
  }

  function turnOver(): void {
    if (file !== null) closeSync(file);
    try {
      renameSync(path, `${path}.1`);
    } catch {
      // Then it goes on in the same file.
    }
    file = open();
    sizeBytes = 0;
  }

  return {
    write(line) {
      if (sizeBytes > limitBytes) turnOver();
      if (file === null) return;
      try {
        sizeBytes += writeSync(file, `${line}\n`);
      } catch {
        // A full disk stops no process.
      }
    },
  };
}
