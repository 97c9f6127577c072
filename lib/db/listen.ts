import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import pg from 'pg';

/** What a trigger notifies when a row changes. */
export interface Notice {
  readonly table: string;
  readonly id: string;
}

export interface Listener {
  /** Calls back with every notice, and with `null` after a reconnect, since notices may have been missed. */
  onNotice(callback: (notice: Notice | null) => void): () => void;
  /** Calls back with every heartbeat that a process sent through the database to itself. */
  onHeartbeat(callback: (heartbeat: string) => void): () => void;
  connected(): boolean;
  /** Drops a connection that has gone silent and opens another. */
  reopen(): void;
  close(): Promise<void>;
}

const CHANNEL = 'countersign';

/** In a notice's place for the table; no table has this name. */
const HEARTBEAT = 'heartbeat';

/** Keeps one LISTEN connection open and reconnects by itself. */
export function listen(url: string, { retryMs = 500 }: { retryMs?: number } = {}): Listener {
  const notices = new EventEmitter().setMaxListeners(0);
  let client: pg.Client | null = null;
  let wire = new Socket();
  let closed = false;
  let up = false;

  function tell(notice: Notice | null): void {
    if (notice?.table === HEARTBEAT) notices.emit('heartbeat', notice.id);
    else notices.emit('notice', notice);
  }

  async function open(): Promise<void> {
    if (closed) return;
    wire = new Socket();
    const next = clientOver(url, wire);
    client = next;
    next.on('error', () => undefined);
    next.on('end', () => again(next));
    next.on('notification', ({ payload }) => tell(parseNotice(payload)));
    try {
      await next.connect();
      await next.query(`LISTEN ${CHANNEL}`);
      up = true;
      notices.emit('notice', null);
    } catch {
      await next.end().catch(() => undefined);
      again(next);
    }
  }

  function again(from: pg.Client): void {
    if (client !== from) return;
    client = null;
    up = false;
    if (!closed) setTimeout(() => void open(), retryMs).unref();
  }

  void open();
  return {
    onNotice(callback) {
      notices.on('notice', callback);
      return () => notices.off('notice', callback);
    },
    onHeartbeat(callback) {
      notices.on('heartbeat', callback);
      return () => notices.off('heartbeat', callback);
    },
    connected: () => up,
    // Destroyed without PostgreSQL's terminate message: `end()` would wait on a connection that no longer answers.
    reopen: () => void wire.destroy(),
    async close() {
      closed = true;
      await client?.end().catch(() => undefined);
    },
  };
}

/** A client with bounds on connecting and on LISTEN. */
const clientOver = (url: string, wire: Socket): pg.Client =>
  new pg.Client({
    connectionString: url,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    stream: () => wire,
  });

function parseNotice(payload: string | undefined): Notice | null {
  const [table, id] = (payload ?? '').split(' ');
  return table && id ? { table, id } : null;
}
