/** Work that repeats: never two at once, never stopped by an error. */
export interface Loop {
  /** Run as soon as may be: at once, or again when the run under way is over. */
  wake(): void;
  /** Run within this many milliseconds: however many ask meanwhile, one run answers them all. */
  wakeWithin(milliseconds: number): void;
  /** Resolves when the run under way is over; there is none after it. */
  stop(): Promise<void>;
}

/**
 * Runs `work` over and over; it returns how many milliseconds to rest. An error
 * (the database is away) goes to `onError`, and the next run comes after
 * `retryMs`. Timers are monotonic: a clock that jumps moves none of this.
 */
export function loop(
  work: () => Promise<number>,
  { onError, retryMs = 1_000 }: { readonly onError: (error: unknown) => void; readonly retryMs?: number },
): Loop {
  let stopped = false;
  let again = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    again = false;
    const restMs = await work().catch((error: unknown) => {
      onError(error);
      return retryMs;
    });
    running = null;
    if (!stopped) timer = setTimeout(start, again ? 0 : restMs);
  }

  function start(): void {
    clearTimeout(timer);
    clearTimeout(soon);
    soon = undefined;
    if (running === null && !stopped) running = run();
    else again = true;
  }

  start();
  return {
    wake: start,
    wakeWithin(milliseconds) {
      soon ??= setTimeout(start, milliseconds);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(soon);
      await running;
    },
  };
}
