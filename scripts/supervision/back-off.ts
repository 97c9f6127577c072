const FIRST_MS = 250;
const LONGEST_MS = 10_000;
const HEALTHY_MS = 30_000;

export interface BackOff {
  began(): void;
  /** How long to wait before starting again: longer after each end of its own making, short again after a healthy life. */
  next(): number;
  /** The same where somebody else ended it: that says nothing of the next life, and whoever kills it often must not keep it away. */
  afterKill(): number;
}

export function backOff(clock: () => number = () => performance.now()): BackOff {
  let waitMs = FIRST_MS;
  let beganAt = clock();
  return {
    began: () => {
      beganAt = clock();
    },
    next() {
      if (clock() - beganAt > HEALTHY_MS) waitMs = FIRST_MS;
      const now = waitMs;
      waitMs = Math.min(waitMs * 2, LONGEST_MS);
      return now;
    },
    afterKill: () => FIRST_MS,
  };
}
