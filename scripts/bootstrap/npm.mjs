import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const EVERY_MS = 500;

/**
 * From now on npm's end is a SIGTERM to this process. By itself npm leaves its
 * script running: it passes SIGTERM to the shell between them, which dies alone,
 * and passes neither SIGHUP nor, of course, SIGKILL.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const npm = npmAbove(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && isAlive(npm)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, EVERY_MS).unref();
}

/** Between npm and its script stands a shell, unless that one gave its place to the script. */
function npmAbove(parent) {
  const { name, above } = processAt(parent);
  return name.endsWith('sh') ? above : parent;
}

/** Small images have no `ps`, and other systems no /proc. */
function processAt(pid) {
  const stat = `/proc/${pid}/stat`;
  if (existsSync(stat)) {
    const [, name = '', above] = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(stat, 'utf8')) ?? [];
    return { name, above: Number(above) };
  }
  const line = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [above, name = ''] = line.split(/\s+/);
  return { name, above: Number(above) };
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one.
    return error.code === 'EPERM';
  }
}
