import type { Logger } from 'pino';
import type { Db, Listener } from '#lib/db';
import type { RelyingParty } from '#lib/statement';
import type { Alarms } from '#warden/alarms';
import type { AuthorityCache } from '#warden/authority';
import type { Gateways } from '#warden/head';
import type { KeyMakers } from '#warden/makers';
import type { Targets } from '#warden/targets';
import type { SignVault, Vault } from '#warden/vault';

/** What every part of the warden works with. Made once in main.ts. */
export interface Warden {
  readonly db: Db;
  readonly listener: Listener;
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly alarms: Alarms;
  /** Opens a target with its signed config and its secret. */
  readonly targets: Targets;

  /** Statements are signed on this origin and no other. */
  readonly signing: RelyingParty;
  /** `agents` is where agents collect; it issues the tokens. */
  readonly origins: {
    readonly web: string;
    readonly sign: string;
    readonly agent: string;
    readonly gateway: string;
  };
  /** The gateway's key, as long as the authority names it. */
  readonly gateways: Gateways;
  /** Path of the sample database's description, where there is one. */
  readonly sampleFile: string | null;
  readonly log: Logger;
}

/** What the sign origin works with besides: nothing that mints asks what a key is made of. */
export interface SignWarden extends Warden {
  readonly makers: KeyMakers;
  readonly signVault: SignVault;
}
