import { execFileSync } from 'node:child_process';

/** Whom a file belongs to or a process runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Only root can give files to other users and run programs as them. */
export const startedByRoot = (): boolean => process.getuid?.() === 0;

/** The system user of that name, with a group of its own, without a login and a home; made when missing. */
export function systemUser(name: string, say: (line: string) => void): Owner {
  const known = find(name);
  if (known !== null) return known;
  make(name);
  const made = find(name);
  if (made === null)
    throw new Error(`The user ${name} is missing: make it with useradd --system --user-group ${name}.`);
  say(`Made the system user ${name}.`);
  return made;
}

function make(name: string): void {
  const flags = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
  try {
    execFileSync('useradd', [...flags, '--shell', '/usr/sbin/nologin', name], { stdio: 'ignore' });
  } catch {
    // Another start may have been faster; `systemUser` looks again.
  }
}

function find(user: string): Owner | null {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}
