export interface PerTargetLimit {
  /** Runs the work once its target has room: never more than `most` at a time at one. */
  run<T>(targetId: string, work: () => Promise<T>): Promise<T>;
}

/** A queue for each target: one that hangs delays nobody else's (P8). */
export function perTargetLimit(most: number): PerTargetLimit {
  const busy = new Map<string, number>();
  const waiting = new Map<string, Array<() => void>>();

  async function enter(targetId: string): Promise<void> {
    const inside = busy.get(targetId) ?? 0;
    if (inside < most) return void busy.set(targetId, inside + 1);
    await new Promise<void>((resolve) => waiting.set(targetId, [...(waiting.get(targetId) ?? []), resolve]));
  }

  /** Hands the place to the next in line, or gives it up. */
  function leave(targetId: string): void {
    const [next, ...rest] = waiting.get(targetId) ?? [];
    if (rest.length > 0) waiting.set(targetId, rest);
    else waiting.delete(targetId);
    const inside = (busy.get(targetId) ?? 1) - 1;
    if (next !== undefined) next();
    else if (inside > 0) busy.set(targetId, inside);
    else busy.delete(targetId);
  }

  return {
    async run(targetId, work) {
      await enter(targetId);
      try {
        return await work();
      } finally {
        leave(targetId);
      }
    },
  };
}
