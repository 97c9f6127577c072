import type { KeyObject } from 'node:crypto';
import type { ChainRow, Pin } from '#lib/authority';
import type { Dated, KeptMap, Marks } from '#lib/process';

/** What the warden keeps outside the database, in a directory only it can read. */
export interface Vault {
  /** Encrypts for one owner (`tgt_…`, `grn_…`): a ciphertext moved to another row does not open. */
  seal(ownerId: string, secret: string): string;
  /** Throws `minting_stopped` when the ciphertext is not this owner's or was changed. */
  open(ownerId: string, sealed: string): string;
  /** ES256 key that signs tokens. */
  readonly signingKey: KeyObject;
  /** Its public half, which verifies them. */
  readonly publicKey: KeyObject;
  /** Makes the nonces of the agents' API; the same for every warden with this directory. */
  readonly nonceSecret: Uint8Array;
  /** The first chain entry and how far the chain had come; null before set-up. */
  readPin(): Pin | null;
  writePin(pin: Pin): void;
  /** The chain as far as it was verified, so that a database put back in time can be given what it lacks. */
  readonly chain: ChainCopy;
  /** Targets' secrets as they were stored, by the digest that was signed: sealed, for the warden or for the gateway. */
  readonly ciphertexts: KeptMap<string>;
  /** The last time that a database or this folder was put back in time; null for never. */
  readRestored(): Restored | null;
  writeRestored(restored: Restored): void;
  /** Whether that is not put right yet: nothing is minted or passes meanwhile. */
  isPuttingBack(): boolean;
  /** Statements that were minted from, and requests whose grant ended, so that a database put back in time cannot mint from them again: for as long as they could be, by the time that was signed. */
  readonly spent: Marks;
  /** By grant: the request it is for, as the approval had it that made it; its row may say another later. For as long as something lives that was had by it. */
  readonly granted: Dated<string>;
  /** Which credentials at providers live or were ended, so that a database put back in time revives none. */
  readonly ledger: Ledger;
  /** What lives at targets of the warden's own, and how to end it. */
  readonly live: LiveCredentials;
  /** Grants whose end was decided, whatever their rows say, and however long somebody holds these locked. */
  readonly stopped: Stopped;
  /** Freezes that stand until an owner's key ends them, so that nobody ends one by deleting its row. */
  readonly seenFreezes: SeenFreezes;
  /** Agents that somebody turned off, so that only a key turns one on again. */
  readonly agentsOff: Marks;
}

/** An entry as it was verified, and when it was written. */
export interface KeptEntry extends ChainRow {
  readonly createdAt: Date;
}

/** Every entry of the chain, beside the database. */
export interface ChainCopy {
  /** From the first. Reads the file. */
  entries(): readonly KeptEntry[];
  last(): Pick<KeptEntry, 'seq' | 'hash'> | null;
  /** Those that it has not yet; they follow its last one. On disk before it returns. */
  add(entries: readonly KeptEntry[]): void;
}

/** What is known of a database or a folder that was put back in time. */
export interface Restored {
  /** When the backup was made that the folder is from; null where the database alone is older. */
  readonly backupOf: string | null;
  /** When it was noticed, by this host's clock. */
  readonly at: string;
  /** The first entry that the database lacked; null where it lacked none. */
  readonly since: number | null;
  /** The freeze that it began; null where that is still to do. */
  readonly freezeId: string | null;
  /** Whether agents' rows are right again, so that what they say counts as ever. */
  readonly agents: boolean;
  /** Whether everything is right again. */
  readonly done: boolean;
}

/** Which credentials at providers live, and which were ended, beside the database. */
export interface Ledger {
  /** What this grant gives may be in somebody's hands until then. On disk before it returns. */
  minted(grantId: string, until: Date): void;
  /** They are over, whatever their rows say later. On disk before it returns. */
  ended(...grantIds: readonly string[]): void;
  /** Minted, and not known to be over. */
  live(): readonly string[];
  /** Ended before their time, and when that time is over. */
  endedEarly(now: Date): ReadonlyMap<string, Date>;
}

/** A credential that lives at a target until it is taken away there. */
export interface LiveCredential {
  readonly grantId: string;
  readonly targetId: string;
  /** What it is called there. */
  readonly reference: string;
  /** By the database's clock, when it was collected. */
  readonly until: Date;
  /** How to reach the target, and what to knock with when it is dead: sealed for this grant. */
  readonly sealed: string;
}

/** What lives at targets, beside the database: no row, lock or chain is asked whether it ends in time (P5). */
export interface LiveCredentials {
  /** On disk before it returns, and before the credential exists. */
  begun(credential: LiveCredential): void;
  /** Proven dead. On disk before it returns. */
  over(grantId: string): void;
  /** Undefined where none was begun, or it is over. */
  find(grantId: string): LiveCredential | undefined;
  list(): readonly LiveCredential[];
}

/** Why a grant ends, and by whom: a person, an agent, `warden` or `clock`. */
export interface End {
  readonly reason: 'expired' | 'revoked' | 'spent' | 'voided';
  readonly by: string;
}

/** An end that was decided. */
export interface Stop extends End {
  readonly at: string;
}

/**
 * Ends that were decided, beside the database: a row that somebody holds locked
 * keeps nothing alive, and one that is put back revives nothing (P5). A grant is
 * in it for as long as what was had by it could live.
 */
export interface Stopped {
  /** From here on it is over: on disk before it returns, and what it was for, and its token, with it. Once: returns the first word, which stands. */
  add(grantId: string, end: End): Stop;
  /** The same for many, with one wait for the disk. */
  addAll(grantIds: readonly string[], end: End): ReadonlyMap<string, Stop>;
  has(grantId: string): boolean;
  /** By grant, those whose rows may still say that they live: after a restart all, until somebody looked. */
  readonly unwritten: ReadonlyMap<string, Stop>;
  /** Its row says so too. */
  written(grantId: string): void;
}

/** A freeze as its row said when the warden first saw it. */
export interface SeenFreeze {
  readonly id: string;
  /** A person's, or `WARDEN`. */
  readonly humanId: string;
  readonly reason: string;
  readonly begunAt: Date;
}

/** Every freeze the warden ever saw, beside the database: whoever takes the row away has ended nothing (P9). */
export interface SeenFreezes {
  /** On disk before it returns. Once, however often it is seen. */
  note(freeze: SeenFreeze): void;
  list(): readonly SeenFreeze[];
}
