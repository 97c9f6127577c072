export interface PerTargetLimit {
  /** Runs the work when its target has room: at most `width` at a time. */
  run<T>(target: string, work: () => Promise<T>): Promise<T>;
}

/** Counts each target's work apart, so that one that hangs delays no other (P8). */
export function perTargetLimit(width: number): PerTargetLimit {
  const busy = new Map<string, number>();
  const waiting = new Map<string, Array<() => void>>();

  async function enter(target: string): Promise<void> {
    const inside = busy.get(target) ?? 0;
    if (inside < width) return void busy.set(target, inside + 1);
    await new Promise<void>((resolve) => waiting.set(target, [...(waiting.get(target) ?? []), resolve]));
  }

  /** Hands the place to the next in line, or gives it up. */
  function leave(target: string): void {
    const [next, ...rest] = waiting.get(target) ?? [];
    if (rest.length > 0) waiting.set(target, rest);
    else waiting.delete(target);
    const inside = (busy.get(target) ?? 1) - 1;
    if (next !== undefined) next();
    else if (inside > 0) busy.set(target, inside);
    else busy.delete(target);
  }

  return {
    async run(target, work) {
      await enter(target);
      try {
        return await work();
      } finally {
        leave(target);
      }
    },
  };
}
