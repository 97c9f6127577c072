import { connect, type Db, type Listener, listen } from '#lib/db';
import { type WebEnv, webEnv } from '../env';

/** What the web process has one of. */
export interface Web {
  readonly db: Db;
  readonly listener: Listener;
  readonly env: WebEnv;
}

/** On globalThis, since Next.js may load this file once per bundle and again after an edit. */
const slot = globalThis as { countersignWeb?: Web };

/** The web process's own database pool, listener and settings, opened when first needed. */
export function web(): Web {
  slot.countersignWeb ??= open(webEnv());
  return slot.countersignWeb;
}

function open(env: WebEnv): Web {
  return { env, db: connect(env.databaseUrl), listener: listen(env.databaseUrl) };
}
