import type { Authority } from '#lib/authority';
import { addSeconds, DomainError, iso, type Json } from '#lib/core';
import { type Db, type GatewayInstance, type Listener, type Notice, type Tx, transact } from '#lib/db';
import { loop } from '#lib/process';
import { endedDigest, type Head, recordsDigest, signRecord } from '#lib/records';
import type { Alarms } from '#warden/alarms';
import type { AuthorityCache } from '#warden/authority';
import { restoreFreezes } from '#warden/freeze';
import { type Vault, WARDEN } from '#warden/vault';
import { publishEnded } from './ended';
import type { Gateways } from './gateways';
import type { PublishedRecord } from './published';
import { publishRecords } from './records';

/** A head is published this often where nothing changes. */
const EVERY_MS = 500;

/** Rows of `records` are compared with what was signed this often: what somebody changed in them heals in this time. */
const COMPARE_MS = 3_000;

/** A copy whose nonce is older is not answered. */
const COPY_SECONDS = 10;

interface Parts {
  readonly db: Db;
  readonly listener: Listener;
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly gateways: Gateways;
  readonly alarms: Alarms;
  readonly log: { warn(facts: object, words: string): void };
}

const NOT_SET_UP = 'Countersign is not set up yet.';

const HALTED = 'The record of who may decide was changed by somebody. Nothing passes until an owner has looked.';

/**
 * Publishes what the gateway is to believe: records and, over their digests, a
 * head, at once on any change and otherwise every half second. Records, the
 * list of ended grants and the head commit together. A chain that does not hold
 * is published as such, without a record: nothing passes on it (P7).
 *
 * Notices only wake it. Each head is made from what the tables say after the
 * nonces in it were read: a channel that died quietly makes no head stale.
 */
export function startPublisher(parts: Parts, { everyMs = EVERY_MS } = {}): { stop(): Promise<void> } {
  const { db, listener, log } = parts;
  let known: Known | null = null;

  async function publish(): Promise<number> {
    try {
      known = await transact(db, (tx, now) => publishOnce(tx, now, parts, known));
    } catch (error) {
      // Nobody knows whether it was committed.
      known = null;
      throw error;
    }
    return everyMs;
  }

  const rounds = loop(publish, {
    onError: (error) => log.warn({ err: error }, 'no head could be published'),
    retryMs: 250,
  });
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || CHANGES.includes(notice.table)) rounds.wake();
    else if (notice.table === 'grants') rounds.wakeWithin(GRANTS_MS);
  });
  return {
    async stop() {
      unsubscribe();
      await rounds.stop();
    },
  };
}

/** Tables whose change the gateway should know of at once. */
const CHANGES: ReadonlyArray<Notice['table']> = ['chain', 'agents', 'freezes', 'gateway_instances'];

/**
 * A grant's change is signed this much later, and a hundred changes together: the
 * row itself stops it at the gateway, and ending it at its target goes first.
 */
const GRANTS_MS = 25;

/** As last committed. */
interface Known {
  readonly records: ReadonlyMap<string, PublishedRecord>;
  /** When the rows of `records` were last read, by `performance.now()`. */
  readonly comparedAt: number;
  readonly ended: ReadonlySet<string>;
  readonly authority: Authority | null;
  readonly fingerprint: string;
  /** Ids of the freezes that stand. */
  readonly standing: ReadonlySet<string>;
}

async function publishOnce(tx: Tx, now: Date, parts: Parts, known: Known | null): Promise<Known> {
  // First: whatever is read after this is newer than every nonce in it.
  const copies = await copiesOf(tx, now);
  const authority = await authorityOf(parts, tx);
  // Raises the alarm where the gateway's key is another than the signed one.
  if (authority !== null) parts.gateways.key(authority);
  const fingerprint = await fingerprintOf(tx);
  const reread = (): Promise<Authority> => parts.authority.current(tx);
  const standing = authority === null ? [] : await restoreFreezes(tx, { ...parts, now, reread }, authority);
  // Of a database that was put back in time nothing is known, and what it holds is nobody's doing.
  const isBack = standing.some(({ id, humanId }) => humanId === WARDEN && !known?.standing.has(id));
  const before = isBack || authority === null ? null : known;
  const { records, comparedAt, ended } = await read(tx, { now, parts, known: before, authority, fingerprint });
  const nonces = Object.fromEntries(copies.map(({ id, nonce }) => [id, nonce]));
  const ids = new Set(standing.map(({ id }) => id));
  const next = { records, comparedAt, ended, authority, fingerprint, standing: ids };
  await writeHead(tx, parts, { ...next, now, nonces });
  return next;
}

interface Reading {
  readonly now: Date;
  readonly parts: Parts;
  readonly known: Known | null;
  readonly authority: Authority | null;
  readonly fingerprint: string;
}

/** Reads and signs only what changed since the last head, and now and then compares the rows with it. */
async function read(
  tx: Tx,
  { now, parts, known, authority, fingerprint }: Reading,
): Promise<Pick<Known, 'records' | 'comparedAt' | 'ended'>> {
  const due = known === null || performance.now() - known.comparedAt >= COMPARE_MS;
  const comparedAt = due ? performance.now() : known.comparedAt;
  const same = !due && known.authority === authority && known.fingerprint === fingerprint;
  const records = same ? known.records : await publishRecords(tx, parts, { authority, known: known?.records, due });
  const ended = await publishEnded(tx, now, parts.vault);
  return { records, comparedAt, ended };
}

/** The agents' rows in few bytes: another one is a reason to read them. */
async function fingerprintOf(tx: Tx): Promise<string> {
  const rows = await tx.$queryRaw<Array<{ agents: string }>>`
    SELECT coalesce(md5(string_agg(concat_ws(' ', id, token_hash, state, public_jwk), ',' ORDER BY id)), '') AS agents FROM agents`;
  return rows[0]?.agents ?? '';
}

/** Null where the chain does not hold, or was never begun: there is nothing to publish then. */
async function authorityOf({ authority, alarms, vault }: Parts, tx: Tx): Promise<Authority | null> {
  if (!authority.isSetUp() || vault.isPuttingBack()) return null;
  if (alarms.list().some(({ code }) => code === 'chain_broken')) return null;
  try {
    return await authority.current(tx);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'minting_stopped') return null;
    throw error;
  }
}

interface State extends Known {
  readonly now: Date;
  readonly nonces: Readonly<Record<string, string>>;
}

/** Milliseconds as the floor of the number: it goes up also where an older database was restored. */
async function writeHead(
  tx: Tx,
  { vault, authority: cache }: Parts,
  { authority, records, ended, now, nonces, standing }: State,
): Promise<void> {
  const last = await tx.head.findUnique({ where: { id: 1 }, select: { seq: true } });
  const seq = Math.max(Number(last?.seq ?? 0) + 1, now.getTime());
  const head: Head = {
    seq,
    at: iso(now),
    halted: authority === null ? (cache.isSetUp() ? HALTED : NOT_SET_UP) : null,
    records: recordsDigest([...records.values()]),
    frozen: [...standing],
    thawed: authority === null ? [] : [...authority.thawed.keys()],
    ended: { count: ended.size, digest: endedDigest(ended) },
    nonces,
  };
  const signed = signRecord(vault.signingKey, 'head', head as unknown as Json);
  const row = { seq: BigInt(seq), ...signed };
  await tx.head.upsert({ where: { id: 1 }, create: { id: 1, ...row }, update: row });
}

type Copy = Pick<GatewayInstance, 'id' | 'nonce'>;

/** Those that were there a moment ago. A nonce in a head says that the head is newer than the nonce, and nothing else. */
const copiesOf = (tx: Tx, now: Date): Promise<Copy[]> =>
  tx.gatewayInstance.findMany({
    where: { seenAt: { gte: addSeconds(now, -COPY_SECONDS) } },
    select: { id: true, nonce: true },
  });
