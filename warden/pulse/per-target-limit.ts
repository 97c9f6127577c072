export interface Lanes {
  /** Runs the work when its lane has room, at most `width` at a time in one lane. */
  run<T>(lane: string, work: () => Promise<T>): Promise<T>;
}

/** A lane for each target: one that hangs delays nobody else's (P8). */
export function lanes(width: number): Lanes {
  const busy = new Map<string, number>();
  const waiting = new Map<string, Array<() => void>>();

  async function enter(lane: string): Promise<void> {
    const inside = busy.get(lane) ?? 0;
    if (inside < width) return void busy.set(lane, inside + 1);
    await new Promise<void>((resolve) => waiting.set(lane, [...(waiting.get(lane) ?? []), resolve]));
  }

  /** Hands the place to the next in line, or gives it up. */
  function leave(lane: string): void {
    const [next, ...rest] = waiting.get(lane) ?? [];
    if (rest.length > 0) waiting.set(lane, rest);
    else waiting.delete(lane);
    const inside = (busy.get(lane) ?? 1) - 1;
    if (next !== undefined) next();
    else if (inside > 0) busy.set(lane, inside);
    else busy.delete(lane);
  }

  return {
    async run(lane, work) {
      await enter(lane);
      try {
        return await work();
      } finally {
        leave(lane);
      }
    },
  };
}
