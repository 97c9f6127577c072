import { randomUUID } from 'node:crypto';
import type { Hot, Listener, Statement } from '#lib/db';

const EVERY_MS = 250;

/** A channel that carries nothing for so long, while the database answers, is opened anew. */
const DEAF_SECONDS = 3;

const SEND: Statement = {
  name: 'standing_beat',
  text: `SELECT pg_notify('countersign', 'beat ' || $1), clock_timestamp() AS now`,
};

/** How fresh memory is. */
export interface Beat {
  /** Seconds since the last moment of which we know that every notice from before it has been heard. */
  ageSeconds(): number;
  /** The database's time now, as near as its last answer told. */
  now(): Date;
  stop(): Promise<void>;
}

/**
 * A notice that goes round through the database and comes back. Hearing it
 * proves that the database answers and that the channel carries: a channel that
 * died quietly would look like a day on which nothing was revoked.
 */
export function startBeat({ hot, listener }: { readonly hot: Hot; readonly listener: Listener }): Beat {
  const self = randomUUID();
  let turn = 0;
  let sent = { id: '', at: Number.NEGATIVE_INFINITY };
  let confirmedAt = Number.NEGATIVE_INFINITY;
  let openedAt = performance.now();
  let offsetMs = 0;

  const deaf = listener.onBeat((beat) => {
    if (beat === sent.id) confirmedAt = sent.at;
  });

  async function send(): Promise<void> {
    turn += 1;
    const at = performance.now();
    sent = { id: `${self}-${turn}`, at };
    const before = Date.now();
    const [row] = await hot.rows<{ now: Date }>(SEND, [sent.id]);
    if (row !== undefined) offsetMs = row.now.getTime() - (before + Date.now()) / 2;
    healChannel();
  }

  /** Half of a connection can be gone without a word: nothing is sent on this one that would find out. */
  function healChannel(): void {
    const at = performance.now();
    if (at - Math.max(confirmedAt, openedAt) < DEAF_SECONDS * 1000) return;
    openedAt = at;
    listener.reopen();
  }

  let sending: Promise<void> | null = null;
  const timer = setInterval(() => {
    // One at a time: a database that hangs is not sent more.
    sending ??= send()
      .catch(() => undefined)
      .finally(() => {
        sending = null;
      });
  }, EVERY_MS);
  return {
    ageSeconds: () => (performance.now() - confirmedAt) / 1000,
    now: () => new Date(Date.now() + offsetMs),
    async stop() {
      clearInterval(timer);
      deaf();
      await sending;
    },
  };
}
