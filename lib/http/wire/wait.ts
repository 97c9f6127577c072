import { refuse } from '#lib/core';
import type { Listener } from '#lib/db';

/** Notices can be lost with their connection; nobody waits longer than this for a change that was missed. */
const REREAD_MS = 10_000;

export interface Waiting<T> {
  readonly seconds: number;
  /** The caller went away. */
  readonly signal: AbortSignal;
  /** Ids of rows whose change may be the one waited for. */
  readonly about: (value: T) => readonly string[];
  readonly done: (value: T) => boolean;
  readonly read: () => Promise<T>;
}

export interface Waiter {
  /** Reads until it is done, the time is over or the caller is gone, and returns what it read last. */
  wait<T>(agentId: string, waiting: Waiting<T>): Promise<T>;
}

/** Waiting without polling: every waiter of the process hears the one LISTEN connection. */
export function waiter(listener: Listener, most: number): Waiter {
  const open = new Map<string, number>();
  const count = (agentId: string, by: number): void => {
    const now = (open.get(agentId) ?? 0) + by;
    if (now === 0) open.delete(agentId);
    else open.set(agentId, now);
  };
  return {
    async wait(agentId, waiting) {
      if ((open.get(agentId) ?? 0) >= most)
        refuse('rate_limited', 'You wait for too many things at once.', { retryAfterSeconds: 5 });
      count(agentId, 1);
      try {
        return await untilDone(listener, waiting);
      } finally {
        count(agentId, -1);
      }
    },
  };
}

/** Listens before it reads, so that a change between the two is not missed. */
async function untilDone<T>(listener: Listener, waiting: Waiting<T>): Promise<T> {
  const { seconds, signal, read, done, about } = waiting;
  const end = performance.now() + seconds * 1000;
  let value: T | undefined;
  let wake: () => void = () => undefined;
  let changed = false;
  const rouse = (): void => {
    changed = true;
    wake();
  };
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || value === undefined || about(value).includes(notice.id)) rouse();
  });
  signal.addEventListener('abort', rouse);
  try {
    for (;;) {
      changed = false;
      value = await read();
      const left = end - performance.now();
      if (done(value) || left <= 0 || signal.aborted) return value;
      if (!changed)
        await pause(Math.min(left, REREAD_MS), (resolve) => {
          wake = resolve;
        });
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', rouse);
  }
}

function pause(milliseconds: number, onWake: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    onWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
