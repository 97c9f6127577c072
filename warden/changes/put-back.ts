import { append } from '#lib/audit';
import type { Authority } from '#lib/authority';
import { DomainError, iso, newId } from '#lib/core';
import { type Db, type Tx, transact, transactBriefly } from '#lib/db';
import { withTimeout } from '#lib/process';
import { denyUndecided, undecidedBy } from '#lib/requests';
import type { RelyingParty } from '#lib/statement';
import type { Alarms } from '#warden/alarms';
import { type AuthorityCache, agentRows, noteOff } from '#warden/authority';
import { type KeptEntry, noteStops, type Restored, type Vault, WARDEN } from '#warden/vault';
import { lossOf, type Missed } from './loss';
import { rebuildAgents, rebuildSigned } from './rebuild';

/*
 * A database that was put back in time (T75): restored from a backup, or cut by
 * somebody. The warden has every entry of the chain in its own folder, so nobody
 * who went comes back and nobody who came is lost; what was asked, decided and
 * written down since is. So nothing is minted from here on, all that lives ends, and
 * a freeze begins that an owner's key ends: with that they accept the loss, which
 * its reason says. A mark in the folder says how far that is: it can be cut off
 * anywhere, and goes on.
 */

export interface PuttingBack {
  readonly db: Db;
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly signing: RelyingParty;
  readonly alarms: Alarms;
  readonly log: { warn(facts: object, words: string): void; error(facts: object, words: string): void };
}

type Row = Pick<KeptEntry, 'seq' | 'hash'>;

/** What an older state of this very chain lacks; null where it is none, but another chain. */
export function missingFrom(kept: readonly KeptEntry[], rows: readonly Row[]): readonly KeptEntry[] | null {
  const same = (row: Row, index: number): boolean => row.seq === index + 1 && kept[index]?.hash === row.hash;
  return rows.length < kept.length && rows.every(same) ? kept.slice(rows.length) : null;
}

/**
 * Puts right a database that is older than what the warden has seen, or one that
 * came with the warden's folder out of a backup. A chain that was changed is no
 * older one, and stays as it is. Throws where it cannot go on now; nothing is minted until it has.
 */
export async function putBack(warden: PuttingBack): Promise<void> {
  const authority = await wholeAgain(warden);
  const mark = warden.vault.readRestored();
  if (mark === null) return;
  if (!mark.done) {
    try {
      await finish(warden, mark, authority);
    } catch (error) {
      warden.alarms.raise('put_back_held', HELD);
      throw error;
    }
    warden.alarms.clear('chain_broken');
  }
  warden.alarms.clear('put_back_held');
}

const HELD =
  'The database was put back in time and cannot be put right: it is away, or somebody holds its rows locked. Nothing is minted until then. See who holds locks in Countersign’s database.';

/** The chain with the entries that it lacked, verified. They wait for no row that anybody else may hold. */
async function wholeAgain(warden: PuttingBack): Promise<Authority> {
  const { authority, db, vault } = warden;
  try {
    return await authority.current(db);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'minting_stopped') throw error;
    const kept = vault.chain.entries();
    if (kept.length === 0) throw error;
    const rows = await db.chainEntry.findMany({ select: { seq: true, hash: true }, orderBy: { seq: 'asc' } });
    const missing = missingFrom(kept, rows);
    if (missing === null) throw error;
    begin(warden, kept, missing);
    await transact(db, (tx) => tx.chainEntry.createMany({ data: missing.map(asRow), skipDuplicates: true }));
    return authority.current(db);
  }
}

const asRow = ({ assertion, ...entry }: KeptEntry) => ({ ...entry, ...(assertion ? { assertion } : {}) });

/** In the warden's own files, and before the chain holds again: from here on nothing is minted, and what lives ends. */
function begin(warden: PuttingBack, kept: readonly KeptEntry[], missing: readonly KeptEntry[]): void {
  const { vault, log } = warden;
  endAll(warden);
  const before = vault.readRestored();
  const since = missing[0]?.seq ?? kept.length;
  const open = before?.done === false ? before : null;
  vault.writeRestored({
    backupOf: open?.backupOf ?? null,
    at: iso(new Date()),
    since: Math.min(since, open?.since ?? since),
    freezeId: before !== null && tells(before, since, kept) ? before.freezeId : newId('frz'),
    ...{ agents: false, done: false },
  });
  log.error(
    { missing: missing.length },
    'the database was put back in time; nothing is minted until it is right again',
  );
}

/** Whether the freeze of before stands and says of a loss that is no smaller: one that a thief repeats begins no other. */
function tells({ backupOf, freezeId, since, done }: Restored, lost: number, kept: readonly KeptEntry[]): boolean {
  if (freezeId === null || (done && backupOf !== null) || since === null || lost < since) return false;
  return !kept.some(({ kind, statement }) => kind === 'freeze.thaw' && statement.includes(freezeId));
}

function endAll({ vault, log }: PuttingBack): void {
  const living = [...vault.live.list().map(({ grantId }) => grantId), ...vault.ledger.live()];
  noteStops({ vault, log }, living, { reason: 'revoked', by: WARDEN });
}

/** Step by step, each of which may be done again. */
async function finish(warden: PuttingBack, mark: Restored, authority: Authority): Promise<void> {
  const { db, vault } = warden;
  const named = { ...mark, freezeId: mark.freezeId ?? newId('frz') };
  vault.writeRestored(named);
  await noteFreeze(warden, named);
  await transactBriefly(db, (tx, now) => showFreeze(tx, now, warden, named, authority));
  await transactBriefly(db, (tx, now) => rebuildSigned(tx, now, vault, authority, new Date(mark.at)));
  if (!mark.agents) await transactBriefly(db, (tx, now) => rebuildAgents(tx, now, vault, authority, mark.since));
  vault.writeRestored({ ...named, agents: true });
  // From here on they are believed, and nobody else looks at them before everything is right.
  const agents = [...authority.agents.values()];
  await noteOff(db, vault, authority, agents, await agentRows(db, agents));
  for (const id of await undecidedBy(db, null, new Date(mark.at)))
    await transactBriefly(db, (tx, now) => denyUndecided(tx, now, { id }, { by: WARDEN, reason: ASK_AGAIN }));
  vault.writeRestored({ ...named, agents: true, done: true });
}

const ASK_AGAIN = 'Countersign’s database was put back in time since this was asked. Ask again.';

/** How long the database is asked what it lost: a reason without it is better than none. */
const ASKING_SECONDS = 3;

interface Named extends Restored {
  readonly freezeId: string;
}

async function noteFreeze(warden: PuttingBack, { freezeId, backupOf, since, at }: Named): Promise<void> {
  const { db, vault, log } = warden;
  if (vault.seenFreezes.list().some(({ id }) => id === freezeId)) return;
  endAll(warden);
  const missed = await withTimeout(ASKING_SECONDS, missedBy(db, vault)).catch((): Missed => NOTHING_KNOWN);
  const entries = since === null ? [] : vault.chain.entries().slice(since - 1);
  const reason = lossOf({ ...missed, backupOf, entries });
  vault.seenFreezes.note({ id: freezeId, humanId: WARDEN, reason, begunAt: new Date(at) });
  log.error({ freezeId }, 'everything is frozen until an owner accepts the loss');
}

const NOTHING_KNOWN: Missed = { last: null, grants: [] };

/** What the database knows of itself: when its history ends, and which grants it lacks. */
async function missedBy(db: Db, { granted }: Vault): Promise<Missed> {
  const last = await db.auditEvent.findFirst({ orderBy: { seq: 'desc' }, select: { at: true } });
  const known = [...granted.keys()];
  const rows = await db.$queryRaw<Array<{ id: string }>>`
    SELECT id FROM unnest(${known}::text[]) AS k (id) WHERE NOT EXISTS (SELECT FROM grants g WHERE g.id = k.id)`;
  return { last: last?.at ?? null, grants: rows.map(({ id }) => id) };
}

/** Its row and its record. One is open at a time: where another is, this one is shown after it (`restoreFreezes`). */
async function showFreeze(
  tx: Tx,
  now: Date,
  { vault }: PuttingBack,
  { freezeId, since }: Named,
  { thawed }: Authority,
): Promise<void> {
  await tx.freeze.updateMany({ where: { id: { in: [...thawed.keys()] }, thawedAt: null }, data: { thawedAt: now } });
  const freeze = vault.seenFreezes.list().find(({ id }) => id === freezeId);
  if (freeze === undefined || thawed.has(freezeId)) return;
  const open = await tx.freeze.count({ where: { thawedAt: null } });
  if (open === 0) await tx.freeze.createMany({ data: [freeze], skipDuplicates: true });
  const kind = 'database.put_back';
  if ((await tx.auditEvent.count({ where: { kind, body: { contains: freezeId } } })) > 0) return;
  await append(tx, { kind, actor: WARDEN, at: now, data: { freezeId, since, reason: freeze.reason } });
}
