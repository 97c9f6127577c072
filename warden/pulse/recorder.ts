import { append } from '#lib/audit';
import type { Tx } from '#lib/db';
import { type Alarm, type Alarms, createAlarms } from '#warden/alarms';

interface Change {
  readonly raised?: Alarm;
  readonly cleared?: Alarm;
}

/** Alarms, and the events that still have to be written about them. */
export interface RecordedAlarms {
  readonly alarms: Alarms;
  /** Records every change not recorded yet. Call `settled` when the transaction stands. */
  record(tx: Tx, now: Date): Promise<{ settled(): void }>;
}

/**
 * Alarms shout at once, also while the database is away; their events wait here
 * until it is back.
 */
export function recordedAlarms(now: () => Date): RecordedAlarms {
  const unwritten: Change[] = [];
  return {
    alarms: createAlarms((change) => unwritten.push(change), now),
    async record(tx, at) {
      const batch = [...unwritten];
      for (const change of batch) await write(tx, at, change);
      return { settled: () => void unwritten.splice(0, batch.length) };
    },
  };
}

async function write(tx: Tx, at: Date, { raised, cleared }: Change): Promise<void> {
  const alarm = raised ?? cleared;
  if (alarm === undefined) return;
  const { code, text, since } = alarm;
  await append(tx, {
    kind: raised ? 'alarm.raised' : 'alarm.cleared',
    actor: 'warden',
    at,
    data: { code, text, since },
  });
}
