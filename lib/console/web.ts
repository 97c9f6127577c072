import { connect, type Db, type Listener, listen } from '#lib/db';
import { type WebEnv, webEnv } from '../env';

/** What the web process has once: its database pool, its listener, its settings. */
export interface Web {
  readonly db: Db;
  readonly listener: Listener;
  readonly env: WebEnv;
}

/** Kept on globalThis: Next.js may load this file once for each bundle and again after an edit. */
const slot = globalThis as { countersignWeb?: Web };

/** The web process's pool, listener and settings. The first call opens them. */
export function web(): Web {
  slot.countersignWeb ??= open(webEnv());
  return slot.countersignWeb;
}

function open(env: WebEnv): Web {
  return { env, db: connect(env.databaseUrl), listener: listen(env.databaseUrl) };
}
