import { randomToken } from '#lib/core';
import type { Hot, Listener, Statement } from '#lib/db';
import type { Alarm } from '#lib/process';
import type { SignedRecord } from '#lib/records';

const EVERY_MS = 250;

/** Nonces whose sending is remembered: older ones prove nothing that counts. */
const MOST_SENT = 2_000;

/** A channel that carries nothing for so long, while the database answers, is opened anew. */
const DEAF_SECONDS = 3;

const PULSE: Statement = {
  name: 'head_pulse',
  text: `WITH written AS (
    UPDATE gateway_instances SET nonce = $2, alarms = $3::jsonb, seen_at = clock_timestamp() WHERE id = $1 RETURNING id
  ) SELECT pg_notify('countersign', 'heartbeat ' || $2), (SELECT count(*)::int FROM written) AS written`,
};

const BEGIN: Statement = {
  name: 'head_begin',
  text: `INSERT INTO gateway_instances (id, body, signature, nonce, alarms) VALUES ($1, $2, $3, $4, $5::jsonb)
    ON CONFLICT (id) DO NOTHING`,
};

/** How old what this copy knows may be. */
export interface Freshness {
  /** Seconds since the last moment of which we know that everything signed and every notice from before it is known here. */
  ageSeconds(): number;
  /** The warden's newest head names this nonce as ours: it was signed after we sent that. */
  confirmed(nonce: string | undefined): void;
  stop(): Promise<void>;
}

/**
 * A nonce goes to the warden through a row and comes back in a signed head; the
 * same nonce goes round as a notice and proves that the channel carries. Both
 * are timed on this host's monotonic clock alone: no answer that was recorded
 * before counts as fresh, and no clock of anybody's is believed.
 */
export function startFreshness(parts: {
  readonly hot: Hot;
  readonly listener: Listener;
  readonly instance: { readonly id: string; readonly certificate: SignedRecord };
  readonly alarms: () => readonly Alarm[];
}): Freshness {
  const { hot, listener, instance, alarms } = parts;
  const sent = new Map<string, number>();
  let [headAt, channelAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let openedAt = performance.now();

  async function send(): Promise<void> {
    const nonce = randomToken(18);
    remember(sent, nonce);
    const shown = JSON.stringify(alarms());
    const [row] = await hot.rows<{ written: number }>(PULSE, [instance.id, nonce, shown]);
    if (row?.written === 0) {
      const { body, signature } = instance.certificate;
      await hot.rows(BEGIN, [instance.id, body, signature, nonce, shown]);
    }
    healChannel();
  }

  /** Half of a connection can be gone without a word: nothing is sent on this one that would find out. */
  function healChannel(): void {
    const at = performance.now();
    if (at - Math.max(channelAt, openedAt) < DEAF_SECONDS * 1000) return;
    openedAt = at;
    listener.reopen();
  }

  const unsubscribe = listener.onHeartbeat((heartbeat) => {
    channelAt = Math.max(channelAt, sent.get(heartbeat) ?? Number.NEGATIVE_INFINITY);
  });
  const sending = oneAtATime(send);
  return {
    ageSeconds: () => (performance.now() - Math.min(headAt, channelAt)) / 1000,
    confirmed(nonce) {
      headAt = Math.max(headAt, sent.get(nonce ?? '') ?? Number.NEGATIVE_INFINITY);
    },
    async stop() {
      unsubscribe();
      await sending.stop();
    },
  };
}

function remember(sent: Map<string, number>, nonce: string): void {
  sent.set(nonce, performance.now());
  const [oldest] = sent.keys();
  if (sent.size > MOST_SENT && oldest !== undefined) sent.delete(oldest);
}

/** At once and then by the clock; a database that hangs is not sent more. */
function oneAtATime(send: () => Promise<void>): { stop(): Promise<void> } {
  let running: Promise<void> | null = null;
  const begin = (): void => {
    running ??= send()
      .catch(() => undefined)
      .finally(() => {
        running = null;
      });
  };
  const timer = setInterval(begin, EVERY_MS);
  begin();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
