import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';

/** A PostgreSQL's process id, a process group's, or a folder's path. */
export type Left = { readonly server: number } | { readonly group: number } | { readonly folder: string };

/**
 * Has something ended or removed if this process is killed, SIGKILL included:
 * a process of its own waits for that. Returns what calls it off, for when the
 * thing was put away in order.
 */
export function reapAfterDeath(left: Left): () => void {
  const [kind, what] = Object.entries(left)[0] ?? [];
  // In a session of its own: no signal to this process or its group reaches it.
  const reaper = spawn('sh', [resolve('scripts/reaper/reaper.sh'), String(kind), String(what)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const line = reaper.stdin as Socket;
  for (const each of [reaper, line]) each.on('error', () => undefined);
  reaper.unref();
  line.unref();
  return () => void line.end('done\n');
}
