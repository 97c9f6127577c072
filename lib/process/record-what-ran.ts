import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '#lib/core';

const ATTEMPTS = 10;
const PAUSE_MS = 1_000;

/**
 * Records what an operation did. It ran, so the record must follow: a database
 * that is away for some seconds is waited for. Throws `unavailable`, in words for
 * the agent, where it stays away.
 */
export async function recordWhatRan(record: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await record();
    } catch (cause) {
      if (attempt === ATTEMPTS) throw new DomainError('unavailable', LOST, { cause });
    }
    await sleep(PAUSE_MS);
  }
}

const LOST = 'The operation ran, but its result could not be recorded. Do not repeat it: look at the target.';
