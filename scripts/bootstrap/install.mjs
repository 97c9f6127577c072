import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/* Installs from the lock file when what is installed is not what it says. No dependency: there may be none yet. */

const STAMP = 'node_modules/.countersign-lock';

export async function install() {
  const wanted = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  const log = await progress('Installing packages (once, about a minute)', npmCi());
  if (log !== null) throw new Error(`npm ci failed; it says:\n${log.trim().split('\n').slice(-8).join('\n')}`);
  writeFileSync(STAMP, wanted);
}

/** Null when it went well, else what npm wrote. */
function npmCi() {
  return new Promise((resolve) => {
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
    child.on('error', (error) => resolve(String(error)));
    child.on('close', (code) => resolve(code === 0 ? null : log));
  });
}

/** Says what takes long, and every ten seconds that it still does. */
export async function progress(what, work) {
  const started = Date.now();
  console.log(`${what} …`);
  const timer = setInterval(() => console.log(`  … ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
