import { EventEmitter, once } from 'node:events';
import type { Logger } from 'pino';
import type { AlarmCode, Vault } from '#gateway/vault';
import type { Hot, Listener } from '#lib/db';
import { type Alarms, loop } from '#lib/process';
import { createAcceptor } from './accept';
import { databaseClock } from './clock';
import { frozenBy, refuseFrozen } from './freeze';
import { startFreshness } from './freshness';
import { readHead } from './read';
import type { SignedState } from './state';

const EVERY_MS = 500;
const RETRY_MS = 250;

/** How often the rows are read whole, whether or not the head names others: who changes them is found out. */
const WHOLE_MS = 5_000;

/** How often a higher head is written down. */
const KEPT_MS = 1_000;

export interface HeadFollower {
  /** As of the newest head that held, of whatever age: to refuse by, not to let pass by. Null for none since the start. */
  state(): SignedState | null;
  /** How old what is known may be, seconds. */
  ageSeconds(): number;
  /** The database's time. */
  now(): Date;
  /** As last read; true also where the end of a freeze is not known yet, null where nothing is. */
  isFrozen(): boolean | null;
  /** Throws `not_allowed` while everything is frozen, `unavailable` while that is not known yet. */
  refuseFrozen(): void;
  /** Reads what counts now, in the middle of a round too. Rejects where the database does not answer. */
  read(): Promise<void>;
  /** Calls back with every newer head. */
  onState(callback: (state: SignedState) => void): () => void;
  /** Resolves with whether it came true, once it does or the time is over. */
  until(isTrue: (state: SignedState) => boolean, milliseconds: number): Promise<boolean>;
  stop(): Promise<void>;
}

/** Follows what the warden signs, and forgets nothing of what forbids. */
export function followHead(parts: {
  readonly hot: Hot;
  readonly listener: Listener;
  readonly vault: Vault;
  readonly alarms: Alarms<AlarmCode>;
  readonly log: Logger;
}): HeadFollower {
  const { hot, listener, vault, alarms, log } = parts;
  const { instance } = vault;
  const acceptor = createAcceptor(vault.wardenPublicKey, instance.highest.seen);
  const clock = databaseClock();
  const freshness = startFreshness({ hot, listener, instance, alarms: () => alarms.list() });
  const changes = new EventEmitter().setMaxListeners(0);
  const keep = keeper(instance.highest, log);
  let state: SignedState | null = null;
  let freezes: readonly string[] | null = null;
  let wholeAt = Number.NEGATIVE_INFINITY;

  async function readNow(): Promise<number> {
    const whole = performance.now() - wholeAt >= WHOLE_MS;
    const row = await readHead(hot, whole ? { records: '', ended: '' } : acceptor.known());
    if (whole) wholeAt = performance.now();
    freezes = row.freezes;
    const accepted = acceptor.accept(row);
    if (accepted.kind === 'refused') alarms.raise('head_refused', accepted.why);
    if (accepted.kind !== 'new') return EVERY_MS;
    state = accepted.state;
    clock.told(state.at);
    freshness.confirmed(accepted.head.nonces[instance.id]);
    keep.highest(state.seq);
    changes.emit('state', state);
    return EVERY_MS;
  }

  // One after the other: an answer that was overtaken would look like a head put back in time.
  const read = inTurn(readNow);
  const rounds = loop(read, {
    retryMs: RETRY_MS,
    onError: (error) => log.warn({ err: error }, 'the head cannot be read'),
  });
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || notice.table === 'heads' || notice.table === 'freezes') rounds.wake();
  });
  const isFrozen = (): boolean | null => frozenBy(state, freezes);
  return {
    state: () => state,
    ageSeconds: () => freshness.ageSeconds(),
    now: clock.now,
    isFrozen,
    refuseFrozen: () => refuseFrozen(isFrozen()),
    async read() {
      await read();
    },
    onState(callback) {
      changes.on('state', callback);
      return () => changes.off('state', callback);
    },
    until: (isTrue, milliseconds) => until(changes, () => state !== null && isTrue(state), milliseconds),
    async stop() {
      unsubscribe();
      await rounds.stop();
      await freshness.stop();
      await keep.stop();
    },
  };
}

function inTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return () => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
}

async function until(changes: EventEmitter, isTrue: () => boolean, milliseconds: number): Promise<boolean> {
  const signal = AbortSignal.timeout(milliseconds);
  while (!isTrue() && !signal.aborted) await once(changes, 'state', { signal }).catch(() => undefined);
  return isTrue();
}

/** Writes the highest head down, a little later and not every one; the last before it stops. */
function keeper(
  file: Vault['instance']['highest'],
  log: Logger,
): { highest(seq: number): void; stop(): Promise<void> } {
  let wanted = file.seen;
  let kept = wanted;
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    const seq = wanted;
    if (seq === kept) return;
    writing = writing
      .then(() => file.keep(seq))
      .then(() => {
        kept = seq;
      })
      .catch((error: unknown) => log.error({ err: error }, 'the highest head seen cannot be written down'));
  };
  const timer = setInterval(write, KEPT_MS);
  return {
    highest: (seq) => {
      wanted = seq;
    },
    async stop() {
      clearInterval(timer);
      write();
      await writing;
    },
  };
}
