import { append } from '#lib/audit';
import { type Authority, replay } from '#lib/authority';
import { iso, newId } from '#lib/core';
import { type Db, type Tx, transact, transactBriefly } from '#lib/db';
import { denyUndecided } from '#lib/requests';
import type { RelyingParty } from '#lib/statement';
import type { Alarms } from '#warden/alarms';
import { type KeptEntry, noteStops, type Vault, WARDEN } from '#warden/vault';
import { rebuildAgents, rebuildSigned } from './rebuild';

/*
 * A database that was put back in time (T75): restored from a backup, or cut by
 * somebody. The warden has every entry of the chain in its own folder, so nobody
 * who went comes back and nobody who came is lost; what was asked, decided and
 * written down since is. So everything is frozen, all that lives ends, and an
 * owner's key ends the freeze: with that they accept the loss, which its reason says.
 */

export interface PuttingBack {
  readonly db: Db;
  readonly vault: Vault;
  readonly signing: RelyingParty;
  readonly alarms: Alarms;
  readonly log: { warn(facts: object, words: string): void; error(facts: object, words: string): void };
}

type Row = Pick<KeptEntry, 'seq' | 'hash'>;

/** What an older state of this very chain lacks; null where it is none, but another chain. */
export function missingFrom(kept: readonly KeptEntry[], rows: readonly Row[]): readonly KeptEntry[] | null {
  const same = (row: Row, index: number): boolean =>
    row.seq === index + 1 && (kept[index] === undefined || kept[index].hash === row.hash);
  return rows.every(same) ? kept.slice(rows.length) : null;
}

/**
 * Puts right a database that is older than what the warden has seen, or one that
 * came with the warden's folder out of a backup. Returns false where there is nothing of
 * that kind to do: a chain that was changed is no older one, and stays as it is.
 */
export async function putBack(warden: PuttingBack): Promise<boolean> {
  const { db, vault } = warden;
  const pin = vault.readPin();
  const kept = vault.chain.entries();
  if (pin === null || kept.length < pin.head.seq) return false;
  const rows = await db.chainEntry.findMany({ select: { seq: true, hash: true }, orderBy: { seq: 'asc' } });
  const missing = missingFrom(kept, rows);
  const known = vault.readRestored();
  if (missing === null || (missing.length === 0 && known === null)) return false;
  const authority = await replay(pin, kept, { ...warden.signing, warden: vault.publicKey });
  const freezeId = known?.freezeId ?? standing(vault, authority) ?? newId('frz');
  await freeze(warden, { id: freezeId, missing, backupOf: known?.backupOf ?? null });
  vault.writeRestored({ backupOf: known?.backupOf ?? null, freezeId });
  await transact(db, (tx, now) => putRows(tx, now, warden, { authority, missing, freezeId }));
  await transactBriefly(db, (tx, now) => settle(tx, now, warden, authority));
  vault.writeRestored(null);
  warden.alarms.clear('chain_broken');
  return true;
}

/** One that the warden began and nobody has ended: a database that is put back again and again begins no second one. */
const standing = ({ seenFreezes }: Vault, { thawed }: Authority): string | undefined =>
  seenFreezes.list().find(({ id, humanId }) => humanId === WARDEN && !thawed.has(id))?.id;

interface Loss {
  readonly id: string;
  readonly missing: readonly KeptEntry[];
  readonly backupOf: string | null;
}

/** In the warden's own files first: from here on nothing is minted, and what lives ends, whatever the database does. */
async function freeze({ db, vault, log }: PuttingBack, { id, missing, backupOf }: Loss): Promise<void> {
  if (!vault.seenFreezes.list().some((seen) => seen.id === id)) {
    const last = await db.auditEvent.findFirst({ orderBy: { seq: 'desc' }, select: { at: true } });
    const granted = [...vault.granted.keys()];
    const rows = await db.grant.findMany({ where: { id: { in: granted } }, select: { id: true } });
    const there = new Set(rows.map((row) => row.id));
    const grants = granted.filter((grantId) => !there.has(grantId));
    const reason = reasonOf({ backupOf, missing, grants, last: last?.at ?? null });
    vault.seenFreezes.note({ id, humanId: WARDEN, reason, begunAt: new Date() });
    log.error({ freezeId: id, missing: missing.length }, 'the database was put back in time; everything is frozen');
  }
  const living = [...vault.live.list().map(({ grantId }) => grantId), ...vault.ledger.live()];
  noteStops({ vault, log }, living, { reason: 'revoked', by: WARDEN });
}

interface Putting {
  readonly authority: Authority;
  readonly missing: readonly KeptEntry[];
  readonly freezeId: string;
}

/** None of it waits for a row that web may hold. */
async function putRows(
  tx: Tx,
  now: Date,
  { vault }: PuttingBack,
  { authority, missing, freezeId }: Putting,
): Promise<void> {
  const entries = missing.map(({ assertion, ...entry }) => ({ ...entry, assertion: assertion ?? undefined }) as never);
  await tx.chainEntry.createMany({ data: entries, skipDuplicates: true });
  await rebuildSigned(tx, now, vault, authority);
  await tx.freeze.updateMany({ where: { id: { in: [...authority.thawed.keys()] } }, data: { thawedAt: now } });
  await showFreeze(tx, now, vault, { missing, freezeId });
}

async function showFreeze(
  tx: Tx,
  now: Date,
  { seenFreezes }: Pick<Vault, 'seenFreezes'>,
  { missing, freezeId }: Omit<Putting, 'authority'>,
): Promise<void> {
  const freeze = seenFreezes.list().find(({ id }) => id === freezeId);
  if (freeze === undefined) return;
  // One is open at a time: where another is, this one is shown after it (`restoreFreezes`).
  const open = await tx.freeze.count({ where: { thawedAt: null } });
  if (open === 0) await tx.freeze.createMany({ data: [freeze], skipDuplicates: true });
  const kind = 'database.put_back';
  if ((await tx.auditEvent.count({ where: { kind, body: { contains: freezeId } } })) > 0) return;
  const data = { freezeId, entries: missing.map(({ seq }) => seq), reason: freeze.reason };
  await append(tx, { kind, actor: WARDEN, at: now, data });
}

const ASK_AGAIN = 'Countersign’s database was put back in time since this was asked. Ask again.';

/** Agents' rows, and what is open: it may have been decided already, and nobody knows how. */
async function settle(tx: Tx, now: Date, { vault }: PuttingBack, authority: Authority): Promise<void> {
  await rebuildAgents(tx, now, vault, authority);
  for (const agentId of authority.agents.keys())
    await denyUndecided(tx, now, { agentId }, { by: WARDEN, reason: ASK_AGAIN });
}

const MOST_TOLD = 10;

interface Told {
  readonly backupOf: string | null;
  readonly missing: readonly KeptEntry[];
  readonly grants: readonly string[];
  readonly last: Date | null;
}

/** What is lost and what is not, for the person who accepts it. */
function reasonOf({ backupOf, missing, grants, last }: Told): string {
  const changes = missing.map((entry) => `${entry.seq} ${summary(entry)}`);
  return [
    backupOf === null
      ? `Countersign’s database is older than what the warden remembers: ${last === null ? 'it holds no history at all' : `its history ends at ${minute(last)}`}.`
      : `Countersign was restored from the backup of ${minute(new Date(backupOf))}. What was signed since is lost: whoever was removed after that decides again, until they are removed again.`,
    changes.length > 0 ? `The warden put back the signed changes it lacked: ${listed(changes)}.` : null,
    grants.length > 0 ? `Grants made since are not in it: ${listed(grants)}.` : null,
    'Requests, decisions and history since then are lost. Whatever was live has ended; whatever was open was denied.',
    'Who ends this freeze accepts that. If the true database can still be had, restore it instead.',
  ]
    .filter((sentence) => sentence !== null)
    .join(' ');
}

type Named = { readonly name: string } | null | undefined;

/** The kind of a change and whom or what it is about. */
function summary({ kind, statement }: KeptEntry): string {
  // Every entry was verified, and the first one is of a kind of its own.
  const { human, agent, target, name } = JSON.parse(statement) as Record<'human' | 'agent' | 'target', Named> &
    Partial<{ name: string }>;
  const about = human?.name ?? agent?.name ?? target?.name ?? name;
  return about === undefined ? kind : `${kind} (${about})`;
}

const minute = (at: Date): string => iso(at).replace(/^(.{10})T(.{5}).*$/, '$1 $2 UTC');

function listed(names: readonly string[]): string {
  const more = names.length - MOST_TOLD;
  return names.slice(0, MOST_TOLD).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
