import { DomainError } from '#lib/core';

/** Who may speak to the provider now. */
export interface Turns {
  /** Resolves when it is this one's turn, or throws `target_unreachable`. Every turn is given back. */
  take(): Promise<void>;
  giveBack(): void;
}

/**
 * As many turns as there are connections. Whoever finds none free waits a little
 * and is told: agents that never read their answers hold their own turns, not
 * everybody's time.
 */
export function createTurns(most: number, patienceMs: number): Turns {
  const waiting = new Set<() => void>();
  let taken = 0;
  return {
    async take() {
      if (taken < most) {
        taken += 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const turn = (): void => {
          clearTimeout(late);
          resolve();
        };
        const late = setTimeout(() => {
          waiting.delete(turn);
          reject(new DomainError('target_unreachable', 'Every connection to the provider is busy. Try again.'));
        }, patienceMs);
        waiting.add(turn);
      });
    },
    giveBack() {
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
