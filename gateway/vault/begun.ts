import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '#lib/process';

/** Orders that were begun. On disk and nowhere else, so that two processes over one folder read the same. */
export interface BegunOrders {
  has(orderId: string): boolean;
  /**
   * Writes the order down, on disk before this returns. False where it was begun
   * before: of any number of processes that share the folder one is told true.
   */
  begin(orderId: string): boolean;
}

/** One empty file an order: the file system lets exactly one process create it. */
export function openBegunOrders(directory: string): BegunOrders {
  const fileOf = (orderId: string): string => join(directory, orderId);
  return {
    has: (orderId) => existsSync(fileOf(orderId)),
    begin(orderId) {
      const file = created(fileOf(orderId));
      if (file === null) return false;
      closeSync(file);
      // The file is empty: its name is all there is to keep.
      syncFolder(directory);
      return true;
    },
  };
}

export function makeBegunOrders(directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
}

function created(path: string): number | null {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}
