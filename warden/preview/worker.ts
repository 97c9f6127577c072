import { addSeconds, DomainError } from '#lib/core';
import { databaseNow, type Request, transact } from '#lib/db';
import { fairLimit, loop } from '#lib/process';
import { lapseOverdue } from '#lib/requests';
import type { Warden } from '../context';
import { LOOK_SECONDS } from './looks';
import { prepare } from './prepare';
import { reportTargets } from './report';

const REST_MS = 1_000;
const RETRY_MS = 3_000;
const BATCH = 200;
const REPORT_MS = 60_000;

/** Starts previewing what was filed, lapsing what nobody decided in time, and looking at the targets for the console. */
export function startPreviews(warden: Warden): { stop(): Promise<void> } {
  const previews = previewsInFlight(warden);
  const onError = (error: unknown): void => warden.log.warn({ err: error }, 'previews wait for the database');
  const rounds = loop(
    async () => {
      await transact(warden.db, (tx, now) => lapseOverdue(tx, now));
      if (warden.authority.isSetUp()) await previews.takeNew();
      return REST_MS;
    },
    { onError },
  );
  const reports = loop(
    async () => {
      if (warden.authority.isSetUp()) await reportTargets(warden);
      return REPORT_MS;
    },
    { onError, retryMs: RETRY_MS },
  );
  const unsubscribe = warden.listener.onNotice((notice) => {
    if (notice === null || notice.table === 'requests') rounds.wake();
    if (notice === null || notice.table === 'chain') reports.wake();
  });
  return {
    async stop() {
      unsubscribe();
      await Promise.all([rounds.stop(), reports.stop()]);
      await previews.idle();
    },
  };
}

/** Requests being previewed: each once, a few at a time of one agent, and again later where the target was away. */
function previewsInFlight(warden: Warden) {
  const limit = fairLimit();
  const inFlight = new Map<string, { readonly targetId: string; readonly done: Promise<void> }>();
  const unreachable = unreachableTargets(warden);

  async function work(request: Request): Promise<void> {
    try {
      await prepare(warden, request, (look) => limit.run(request, look));
      unreachable.clear(request.targetId);
      inFlight.delete(request.id);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'target_unreachable')
        unreachable.raise(request.targetId, error.message);
      else warden.log.warn({ err: error, requestId: request.id }, 'a preview failed and is tried again');
      setTimeout(() => inFlight.delete(request.id), RETRY_MS).unref();
    }
  }

  return {
    async takeNew() {
      const now = await databaseNow(warden.db);
      const filed = await warden.db.request.findMany({
        where: { state: 'preparing', id: { notIn: [...inFlight.keys()] }, OR: [HERE, overdue(now)] },
        orderBy: { createdAt: 'asc' },
        take: BATCH,
      });
      for (const request of filed) inFlight.set(request.id, { targetId: request.targetId, done: work(request) });
      unreachable.keep(new Set([...inFlight.values()].map(({ targetId }) => targetId)));
    },
    async idle() {
      await Promise.all([...inFlight.values()].map(({ done }) => done));
    },
  };
}

/** Targets that the warden looks at itself, and requests whose look the gateway still owes. */
const HERE = { target: { kind: { in: ['postgres', 'token'] } } };
const overdue = (now: Date) => ({ createdAt: { lte: addSeconds(now, -LOOK_SECONDS) } });

/** One alarm for all targets that were last found away. */
function unreachableTargets({ alarms }: Warden) {
  const away = new Map<string, string>();
  const tell = (): void => {
    if (away.size === 0) alarms.clear('target_unreachable');
    else alarms.raise('target_unreachable', `${[...away.values()].join(' ')} Requests for it wait until it answers.`);
  };
  return {
    raise(targetId: string, message: string) {
      away.set(targetId, message);
      tell();
    },
    clear(targetId: string) {
      if (away.delete(targetId)) tell();
    },
    /** Forgets those nobody waits for any more. */
    keep(waitedFor: ReadonlySet<string>) {
      for (const targetId of away.keys()) if (!waitedFor.has(targetId)) away.delete(targetId);
      tell();
    },
  };
}
