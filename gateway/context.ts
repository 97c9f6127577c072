import type { Logger } from 'pino';
import type { HeadFollower } from '#gateway/head';
import type { Upstreams } from '#gateway/upstream';
import type { AlarmCode, Vault } from '#gateway/vault';
import type { Db, Hot, Listener, Locks } from '#lib/db';
import type { Alarms } from '#lib/process';

/** What every part of the gateway works with. Made once in open.ts. */
export interface Gateway {
  /** Under the gateway's role: what it may read and write is in migration 0008. */
  readonly db: Db;
  /** The same role, for the few statements on a call's way. */
  readonly hot: Hot;
  readonly listener: Listener;
  readonly locks: Locks;
  readonly vault: Vault;
  /** What the warden signed, and how fresh it is. */
  readonly head: HeadFollower;
  readonly alarms: Alarms<AlarmCode>;
  /** The only way out to a provider's API. */
  readonly upstreams: Upstreams;
  readonly origins: { readonly web: string; readonly agent: string; readonly gateway: string };
  readonly log: Logger;
}
