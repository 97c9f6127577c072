import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { expect } from 'vitest';

/*
 * Only for tests: a process of ours itself, built and started as the starter does it.
 */

export interface StartedProcess {
  readonly child: ChildProcess;
  /** What it told its starter. */
  readonly events: ReadonlyArray<{ readonly event: string; readonly url?: string }>;
  /** Resolves once it told its starter this. */
  said(event: string): Promise<void>;
  errors(): string;
  readonly exit: Promise<[number | null, string | null]>;
}

/** Builds the entry to a file in a folder of its own inside the project, so that it finds its packages. */
export async function buildProcess(entry: string): Promise<{ readonly file: string; remove(): void }> {
  const file = join('node_modules/.cache/countersign', `${entry.replaceAll(/\W/g, '-')}-${process.pid}`, 'main.mjs');
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return { file, remove: () => rmSync(dirname(file), { recursive: true, force: true }) };
}

/** Starts it with these variables and no other. */
export function startProcess(file: string, env: Readonly<Record<string, string>>): StartedProcess {
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { NODE_ENV: 'production', ...env },
  });
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const events: Array<{ event: string; url?: string }> = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return {
    child,
    events,
    async said(event) {
      await expect.poll(() => events.find((one) => one.event === event), { timeout: 20_000 }).toBeTruthy();
    },
    errors: () => errors,
    exit: once(child, 'exit') as Promise<[number | null, string | null]>,
  };
}
