import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '#scripts/machine';

/*
 * Root writes into folders that belong to processes which may have been taken
 * over. Whoever owns a folder can put a link there that leads somewhere else: so
 * a file is made in the starter's own folder and moved into its place, which
 * replaces a link and never follows one, and a file is read without following.
 */

export interface NewFile {
  /** The starter's own folder, on the same file system. */
  readonly workshop: string;
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Null: whoever runs the starter. */
  readonly owner: Owner | null;
}

/** Puts the file into its place whole, and on disk before this returns. */
export function putFile({ workshop, path, text, mode, owner }: NewFile): void {
  const draft = join(workshop, `.new-${randomBytes(8).toString('hex')}`);
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, text);
    if (owner !== null) fchownSync(file, owner.uid, owner.gid);
    fchmodSync(file, mode);
    fsyncSync(file);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The same, only where there is nothing yet. */
export function putOnce(file: Omit<NewFile, 'text'>, make: () => string): void {
  if (lstatSync(file.path, { throwIfNoEntry: false }) === undefined) putFile({ ...file, text: make() });
}

/** The text of a plain file that belongs to `owner` alone. Throws one sentence for anything else. */
export function readPlain(path: string, owner: Owner | null): string {
  const file = openPlain(path, constants.O_RDONLY, owner);
  if (file === null) {
    const whose = owner === null ? '' : ` that belongs to the user with the number ${owner.uid}`;
    throw new Error(`${path} must be a plain file${whose}: look at what it is, then mend that or move it away.`);
  }
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Opens what is a plain file and belongs to `owner`, without following a link or waiting for a pipe's other end; else null. */
export function openPlain(path: string, flags: number, owner: Owner | null): number | null {
  let file: number;
  try {
    file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    return null;
  }
  const found = fstatSync(file);
  if (found.isFile() && (owner === null || found.uid === owner.uid)) return file;
  closeSync(file);
  return null;
}
