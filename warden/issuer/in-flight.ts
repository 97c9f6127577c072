import { setTimeout as sleep } from 'node:timers/promises';
import type { Vault } from '#warden/vault';

/** Grants whose one operation a warden is running in this moment. Its vault stands for the warden: a restarted one runs nothing. */
const runs = new WeakMap<Vault, Map<string, Promise<unknown>>>();

/**
 * Marks a run from before its last check until its outcome is recorded. Ending
 * reads the grant first and this second: a run that it does not see here will
 * find the grant ended, and sends nothing.
 */
export async function trackRun<T>(vault: Vault, grantId: string, work: () => Promise<T>): Promise<T> {
  const mine = runs.get(vault) ?? new Map<string, Promise<unknown>>();
  runs.set(vault, mine);
  const run = Promise.resolve().then(work);
  mine.set(grantId, run);
  try {
    return await run;
  } finally {
    mine.delete(grantId);
  }
}

/** Whether nothing of it runs any more. Waits a moment for what is about to be over, never for an answer that may take minutes. */
export async function runIsOver(vault: Vault, grantId: string, momentMs: number): Promise<boolean> {
  const run = runs.get(vault)?.get(grantId);
  if (run === undefined) return true;
  const over = run.then(
    () => true,
    () => true,
  );
  return Promise.race([over, sleep(momentMs, false, { ref: false })]);
}
