import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '#scripts/postgres';
import { backOff } from './back-off';

/** A database server that comes back when it dies unasked. */
export interface ClusterKeeper {
  cluster(): Cluster;
  start(): Promise<void>;
  /** It stays down until `start`. */
  stop(): Promise<void>;
  /** kill -9. It stays down until `start`. */
  kill(): Promise<void>;
}

export async function keepCluster(launch: () => Promise<Cluster>, say: (line: string) => void): Promise<ClusterKeeper> {
  const pause = backOff();
  let wanted = true;
  let current = await launch();
  let watching = watch();
  // A starter that ends in a way it did not plan takes the server along.
  const goAlong = (): void => current.signal('SIGINT');
  process.once('exit', goAlong);

  async function watch(): Promise<void> {
    for (;;) {
      await current.exited;
      if (!wanted) return;
      say('The database ended; starting it again.');
      await comeBack();
      if (!wanted) return current.stop();
    }
  }

  async function comeBack(): Promise<void> {
    while (wanted) {
      await sleep(pause.next());
      try {
        current = await launch();
        pause.began();
        return say('The database is back.');
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async function bringDown(how: () => Promise<void>): Promise<void> {
    wanted = false;
    await how();
    await watching;
  }

  return {
    cluster: () => current,
    async start() {
      if (wanted) return;
      current = await launch();
      wanted = true;
      watching = watch();
    },
    async stop() {
      await bringDown(() => current.stop());
      process.off('exit', goAlong);
    },
    kill: () =>
      bringDown(async () => {
        current.signal('SIGKILL');
        await current.exited;
      }),
  };
}
