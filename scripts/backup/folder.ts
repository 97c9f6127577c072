import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { build } from 'esbuild';
import type { Owner } from '#scripts/machine';
import { openPart, spelt } from './part';

/** A process's folder, and whom it belongs to; null: whoever runs this. */
export interface Folder {
  readonly path: string;
  readonly owner: Owner | null;
}

/** Has the folder's own user write its files, encrypted for `recipient`, to `file`, which is ours. */
export async function sealFolder({ path, owner }: Folder, recipient: string, file: string): Promise<void> {
  const child = await asOwner(['seal', path, recipient], owner);
  await Promise.all([
    pipeline(child.stdout as never, createWriteStream(file, { flags: 'wx', mode: 0o600 })),
    over(child),
  ]);
}

/** Has the folder's own user write into it what the file holds. Throws where the key is another, or something is there already. */
export async function openFolderPart({ path, owner }: Folder, key: string, file: string): Promise<void> {
  const child = await asOwner(['open', path], owner);
  const lines = Readable.from(spelt(openPart(createReadStream(file), key)));
  const [fed, ended] = await Promise.allSettled([pipeline(lines, child.stdio[3] as Writable), over(child)]);
  // Where the child broke off, what it said says why.
  for (const one of [ended, fed]) if (one.status === 'rejected') throw one.reason;
}

/** The program goes in as text: that user may not be able to read ours. */
async function asOwner(args: readonly string[], owner: Owner | null): Promise<ChildProcess> {
  const { outputFiles } = await build({
    entryPoints: ['scripts/backup/folder-program.ts'],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false, logLevel: 'error' },
  });
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-', ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    ...{ cwd: '/', env: {} as NodeJS.ProcessEnv, ...owner },
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(outputFiles[0]?.text);
  return child;
}

function over(child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(said.trim() || `It ended with ${code}.`)),
    );
  });
}
