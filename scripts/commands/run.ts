import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapAfterDeath } from '#scripts/reaper';

/** One run of tests, of which nothing stays: no process and no folder, also when it is killed. */
export interface Run {
  /** For everything temporary, reports included: TMPDIR of what is run. */
  readonly folder: string;
  /** Runs a Node program and returns its exit code. */
  node(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<number>;
  close(): void;
}

export function openRun(): Run {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-run-'));
  // A server that root starts runs as another user and passes through here.
  chmodSync(folder, 0o711);
  const removed = reapAfterDeath({ folder });
  return {
    folder,
    node: (args, env = {}) => runNode(args, { ...process.env, TMPDIR: folder, ...env }),
    close() {
      rmSync(folder, { recursive: true, force: true });
      removed();
    },
  };
}

/** In a group of its own, which the reaper can end whole: workers, servers, browsers. */
function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const ended = child.pid === undefined ? () => undefined : reapAfterDeath({ group: child.pid });
  return new Promise((resolve) =>
    child.once('close', (code) => {
      ended();
      resolve(code ?? 1);
    }),
  );
}
