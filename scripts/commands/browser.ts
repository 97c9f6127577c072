import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright';
import { progress } from '../bootstrap/install.mjs';

const run = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of a Chromium: the system's, else Debian's, installed when root, else Playwright's own. */
export async function findBrowser(): Promise<string> {
  const found = installed();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    await progress('Installing Chromium from Debian', debian());
    const debians = installed();
    if (debians !== undefined) return debians;
  }
  const own = chromium.executablePath();
  if (!existsSync(own)) await progress('Installing Playwright’s Chromium', playwright());
  return own;
}

function installed(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((dir) => NAMES.map((name) => join(dir, name)));
  return [process.env['CHROMIUM_PATH'] ?? '', ...onPath, ...ELSEWHERE].find((path) => path !== '' && existsSync(path));
}

async function debian(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  await run('apt-get', ['install', '-yq', '--no-install-recommends', 'chromium'], { env, maxBuffer: 64_000_000 });
}

async function playwright(): Promise<void> {
  await run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'], { maxBuffer: 64_000_000 });
}
