import type { Notice } from '#lib/db';
import { openSession } from '#lib/identity';
import type { StatusView, Viewer } from '#lib/views';
import { readStatus } from './read/status';
import { web } from './web';

const HEARTBEAT_MS = 15_000;
const STATUS_EVERY_MS = 2_000;
/** A reader this many messages behind is cut off; its browser connects again by itself. */
const MOST_UNREAD = 256;

type Tell = (status: StatusView | null) => void;

/** The streams of this process. One poll serves all of them. */
const watchers = new Set<Tell>();
let poll: ReturnType<typeof setInterval> | null = null;
let told: string | null = null;

/** The status; null while the database does not answer. */
const statusNow = (): Promise<StatusView | null> => readStatus().catch(() => null);

async function tellChange(): Promise<void> {
  const status = await statusNow();
  const text = JSON.stringify(status);
  if (text === told) return;
  told = text;
  for (const tell of watchers) tell(status);
}

/** Calls back with the status now and whenever it changes. */
async function watchStatus(tell: Tell): Promise<void> {
  watchers.add(tell);
  poll ??= setInterval(() => void tellChange(), STATUS_EVERY_MS).unref();
  const status = await statusNow();
  told ??= JSON.stringify(status);
  tell(status);
}

function unwatchStatus(tell: Tell): void {
  watchers.delete(tell);
  if (watchers.size > 0 || poll === null) return;
  clearInterval(poll);
  poll = null;
  told = null;
}

const encoder = new TextEncoder();
const message = (event: string, data: unknown): Uint8Array =>
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

/** Events that open no page anew: they come all the time, and no page shows them live. */
const QUIET = ['gateway.read', 'gateway.refused'];

/** The sequence number of the newest event, for `liveEvents` to start from. */
export async function lastEvent(): Promise<string> {
  const { _max } = await web().db.auditEvent.aggregate({ _max: { seq: true } });
  return String(_max.seq ?? 0);
}

async function changedSince(mark: string): Promise<boolean> {
  const where = { seq: { gt: BigInt(mark) }, kind: { notIn: QUIET } };
  return (await web().db.auditEvent.findFirst({ where, select: { id: true } })) !== null;
}

/**
 * Streams server-sent events to one open page: `change` with the table and id of
 * a changed row (both null where notices were missed), and `status` on connecting
 * and whenever it changes (null while the database does not answer). `since` is
 * what `lastEvent` said when the page was drawn: if anything changed before the
 * stream was open, a `change` comes first. The stream ends with the session, and
 * an open page does not count as use that keeps a session alive.
 */
export function liveEvents(
  viewer: Viewer,
  { since = null, heartbeatMs = HEARTBEAT_MS }: { readonly since?: string | null; readonly heartbeatMs?: number } = {},
): ReadableStream<Uint8Array> {
  const endings: Array<() => void> = [];
  const stop = (): void => {
    for (const end of endings.splice(0)) end();
  };
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const close = (): void => {
        if (endings.length === 0) return;
        stop();
        controller.close();
      };
      const send = (bytes: Uint8Array): void => {
        if (endings.length === 0) return;
        if ((controller.desiredSize ?? 0) < -MOST_UNREAD) close();
        else controller.enqueue(bytes);
      };
      const onNotice = (notice: Notice | null): void => send(message('change', notice ?? { table: null, id: null }));
      const heartbeat = async (): Promise<void> => {
        const open = await openSession(web().db, viewer.sessionId, { touch: false }).catch(() => null);
        if (open === null) close();
        else send(encoder.encode(': still here\n\n'));
      };
      const tell = (status: StatusView | null): void => send(message('status', status));
      const heart = setInterval(() => void heartbeat(), heartbeatMs);
      endings.push(
        () => clearInterval(heart),
        () => unwatchStatus(tell),
        web().listener.onNotice(onNotice),
      );
      await watchStatus(tell);
      if (since !== null && (await changedSince(since).catch(() => false))) onNotice(null);
    },
    cancel: stop,
  });
}
