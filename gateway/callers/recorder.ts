import { eventRow } from '#lib/audit';
import { iso } from '#lib/core';
import type { Hot, Statement } from '#lib/db';

const EVERY_MS = 1_000;

/** Different operations told apart in one event. */
const MOST_NAMES = 200;

/** Events that wait for the database at most: past it reads are refused (P4). */
const MOST_WAITING = 5_000;

/** What passed, or was refused, without a change. */
export interface Seen {
  readonly agentId: string;
  readonly targetId: string;
  readonly grantId: string | null;
  readonly operation: string;
}

export interface Recorder {
  read(seen: Seen): void;
  refused(seen: Seen): void;
  /** Whether another read can be remembered until it is written. */
  canRecord(): boolean;
  /** Writes what waits. */
  stop(): Promise<void>;
}

interface Batch extends Omit<Seen, 'operation'> {
  readonly kind: 'gateway.read' | 'gateway.refused';
  readonly from: Date;
  until: Date;
  readonly operations: Map<string, number>;
}

const WRITE: Statement = {
  name: 'callers_record',
  text: `INSERT INTO audit_events (id, kind, at, actor, agent_id, target_id, grant_id, body)
    SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
};

/**
 * Reads are recorded in batches: one event a second for each agent, target and
 * grant, with how often each operation passed. While the database is away they
 * wait here, up to a bound.
 */
export function startRecorder({ hot, now }: { readonly hot: Hot; readonly now: () => Date }): Recorder {
  let batches = new Map<string, Batch>();
  let waiting: Batch[] = [];

  async function flush(): Promise<void> {
    waiting = [...waiting, ...batches.values()];
    batches = new Map();
    const batch = waiting.slice(0, 500);
    if (batch.length === 0) return;
    await hot.rows(WRITE, columnsOf(batch));
    waiting = waiting.slice(batch.length);
  }

  let flushing: Promise<void> | null = null;
  const start = (): Promise<void> => {
    flushing ??= flush()
      .catch(() => undefined)
      .finally(() => {
        flushing = null;
      });
    return flushing;
  };
  const timer = setInterval(() => void start(), EVERY_MS);
  return {
    read: (seen) => note(batches, 'gateway.read', seen, now()),
    refused: (seen) => {
      if (waiting.length < MOST_WAITING) note(batches, 'gateway.refused', seen, now());
    },
    canRecord: () => waiting.length + batches.size < MOST_WAITING,
    async stop() {
      clearInterval(timer);
      await flushing;
      await start();
    },
  };
}

function note(batches: Map<string, Batch>, kind: Batch['kind'], seen: Seen, at: Date): void {
  const { operation } = seen;
  const key = `${kind} ${seen.agentId} ${seen.targetId} ${seen.grantId ?? ''}`;
  const batch = batches.get(key) ?? beginning(kind, seen, at);
  batches.set(key, batch);
  const name = batch.operations.has(operation) || batch.operations.size < MOST_NAMES ? operation : 'other';
  batch.operations.set(name, (batch.operations.get(name) ?? 0) + 1);
  batch.until = at;
}

/** As WRITE takes them: one array a column. */
function columnsOf(batches: readonly Batch[]): unknown[] {
  const rows = batches.map(rowOf);
  const names = ['id', 'kind', 'at', 'actor', 'agentId', 'targetId', 'grantId', 'body'] as const;
  return names.map((name) => rows.map((row) => row[name] ?? null));
}

const beginning = (kind: Batch['kind'], { agentId, targetId, grantId }: Seen, at: Date): Batch => ({
  ...{ kind, agentId, targetId, grantId, from: at, until: at },
  operations: new Map(),
});

function rowOf({ kind, agentId, targetId, grantId, from, until, operations }: Batch) {
  const data = { operations: Object.fromEntries(operations), from: iso(from), until: iso(until) };
  return eventRow({ kind, actor: agentId, at: until, agentId, targetId, grantId: grantId ?? undefined, data });
}
