import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a starter runs from this folder. */
export function isRunning(dir: string): boolean {
  const file = join(dir, 'starter.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return pid > 0 && pid !== process.pid && isStarter(pid);
}

/** One starter a folder: a second would stop the first one's database. Returns what lets go, and whether an earlier starter died. */
export function lockFolder(dir: string): { readonly leftover: boolean; release(): void } {
  const file = join(dir, 'starter.pid');
  const leftover = existsSync(file);
  if (isRunning(dir)) {
    const pid = readFileSync(file, 'utf8');
    throw new Error(
      `Countersign already runs from ${dir} (process ${pid}): stop it first, with Ctrl-C or kill ${pid}.`,
    );
  }
  writeFileSync(file, String(process.pid), { mode: 0o600 });
  return { leftover, release: () => rmSync(file, { force: true }) };
}

/** Alive, and not a stranger who got the number after a reboot. */
function isStarter(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self') || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return false;
  }
}
