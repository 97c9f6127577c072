import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Owner, reachable } from '#scripts/machine';

/** What somebody tries who has taken a process over and runs their own code as its user. */
export interface BreakIn {
  readonly as: Owner;
  /** A Node that this user can run. */
  readonly node: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Of other processes. */
  readonly pids: readonly number[];
}

/** What of it succeeded. */
export interface Loot {
  readonly read: readonly string[];
  readonly written: readonly string[];
  readonly listed: readonly string[];
  readonly entered: readonly string[];
  readonly environments: readonly number[];
  /** Opening a process's memory takes the right to trace it. */
  readonly memories: readonly number[];
  readonly signalled: readonly number[];
}

const PROGRAM = `
const fs = require('node:fs');
const { files, folders, pids } = JSON.parse(process.argv[1]);
const works = (act) => (one) => { try { act(one); return true; } catch { return false; } };
const open = (path, flags) => fs.closeSync(fs.openSync(path, flags));
console.log(JSON.stringify({
  read: files.filter(works((path) => fs.readFileSync(path))),
  written: files.filter(works((path) => open(path, 'r+'))),
  listed: folders.filter(works((path) => fs.readdirSync(path))),
  entered: folders.filter(works((path) => { open(path + '/intruder', 'wx'); fs.rmSync(path + '/intruder'); })),
  environments: pids.filter(works((pid) => fs.readFileSync('/proc/' + pid + '/environ'))),
  memories: pids.filter(works((pid) => open('/proc/' + pid + '/mem', 'r'))),
  signalled: pids.filter(works((pid) => process.kill(pid, 0))),
}));`;

export const NOTHING: Loot = {
  read: [],
  written: [],
  listed: [],
  entered: [],
  environments: [],
  memories: [],
  signalled: [],
};

/** Tries everything, as that user and with no group but its own. */
export function breakIn({ as, node, ...plan }: BreakIn): Loot {
  const { stdout, stderr, error } = spawnSync(node, ['-e', PROGRAM, JSON.stringify(plan)], {
    ...as,
    cwd: '/',
    encoding: 'utf8',
    env: { NODE_ENV: 'test' },
  });
  if (error !== undefined || stdout === '') throw new Error(`The intruder could not even start: ${error ?? stderr}`);
  return JSON.parse(stdout) as Loot;
}

/** A Node that every user of the machine can run: this one, or a copy of it in a folder all can pass into. */
export function nodeForAll(folder: string): string {
  if (reachable(process.execPath)) return process.execPath;
  const copy = join(folder, 'bin/node');
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(process.execPath, copy);
  chmodSync(copy, 0o755);
  return copy;
}

/** Every path in the folder that everybody may write to; links count as what they are. */
export function worldWritable(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => {
      const found = lstatSync(path, { throwIfNoEntry: false });
      return found !== undefined && !found.isSymbolicLink() && (found.mode & 0o002) !== 0;
    });
}
