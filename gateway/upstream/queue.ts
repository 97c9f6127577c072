import { DomainError } from '#lib/core';

/** The line before a provider's connections. */
export interface Queue {
  /** Resolves when a connection is free for the caller, or throws `target_unreachable`. Whoever entered leaves once. */
  enter(): Promise<void>;
  leave(): void;
}

/**
 * Lets in as many calls as there are connections. A call that finds none free
 * waits for `patienceMs` and is refused, so that agents that never read their
 * answers delay other agents by that time at most.
 */
export function createQueue(most: number, patienceMs: number): Queue {
  const waiting = new Set<() => void>();
  let taken = 0;
  return {
    async enter() {
      if (taken < most) {
        taken += 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const admit = (): void => {
          clearTimeout(late);
          resolve();
        };
        const late = setTimeout(() => {
          waiting.delete(admit);
          reject(new DomainError('target_unreachable', 'Every connection to the provider is busy. Try again.'));
        }, patienceMs);
        waiting.add(admit);
      });
    },
    leave() {
      const [next] = waiting;
      if (next === undefined) {
        taken -= 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
