import { type Authority, restKey } from '#lib/authority';
import { addSeconds } from '#lib/core';
import { type Prisma, type Tx, transactBriefly } from '#lib/db';
import { askForEnd, LIVE } from '#lib/grants';
import { loop, perTargetLimit, withTimeout } from '#lib/process';
import { denyUndecided, undecidedBy } from '#lib/requests';
import { type Entry, openEntry } from '#lib/statement';
import { noteStops, type Vault } from '#warden/vault';
import { agentRow } from './agents';
import { type PuttingBack, putBack } from './put-back';

/*
 * What an entry changes in rows that web may hold locked: agents, rights to read,
 * sessions, requests, grants. No entry waits for them (T85): they are written after
 * it has committed, each by itself, and again and again until all are.
 */

type Following = PuttingBack;

type Write = (tx: Tx, now: Date) => Promise<unknown>;

/** Rows that somebody holds locked leave connections for everything else. */
const AT_ONCE = 4;

/** So long whoever has signed waits for the rows; what is left comes later. */
const PATIENCE_SECONDS = 3;

const EVERY_MS = 1_000;

/** Entries at a time: what is held for long does not keep the others waiting for long. */
const BATCH = 100;

/** One round at a time for each warden: its vault stands for it. */
const rounds = new WeakMap<Vault, Promise<void>>();
const limit = perTargetLimit(AT_ONCE);

/** Has the warden know what was just appended, and writes the rows that follow as far as nobody holds them locked. Never throws. */
export async function followNow(warden: Following): Promise<void> {
  await withTimeout(PATIENCE_SECONDS, round(warden)).catch((error: unknown) =>
    warden.log.warn({ err: error }, 'the rows that follow from the chain are written later'),
  );
}

/** Writes whatever is due, as soon as it can be written. */
export const startFollowing = (warden: Following): { stop(): Promise<void> } =>
  loop(
    async () => {
      if (warden.authority.isSetUp()) await round(warden);
      return EVERY_MS;
    },
    {
      onError: (error) => warden.log.warn({ err: error }, 'the rows that follow from the chain wait for the database'),
    },
  );

function round(warden: Following): Promise<void> {
  const before = rounds.get(warden.vault) ?? Promise.resolve();
  const next = before.catch(() => undefined).then(() => followUp(warden));
  rounds.set(warden.vault, next);
  return next;
}

/** Writes what is due as far as nobody holds it locked. What is due is read first: the chain that is read after it has all of that. */
async function followUp(warden: Following): Promise<void> {
  const { db } = warden;
  await putBack(warden);
  const due = await db.rowsDue.findMany({ orderBy: { seq: 'asc' }, take: BATCH });
  const authority = await warden.authority.current(db);
  await Promise.all(due.map((one) => limit.run('entries', () => follow(warden, authority, one))));
}

async function follow(
  warden: Following,
  authority: Authority,
  { seq, agents }: { readonly seq: number; readonly agents: readonly string[] },
): Promise<void> {
  const { db } = warden;
  const row = await db.chainEntry.findUniqueOrThrow({ where: { seq } });
  const writes = await writesOf(warden, authority, { entry: openEntry(row.statement), at: row.createdAt, agents });
  const done = await Promise.all(writes.map((write) => limit.run('rows', () => tried(warden, seq, write))));
  if (done.every(Boolean)) await db.rowsDue.deleteMany({ where: { seq } });
}

async function tried({ db, log }: Following, seq: number, write: Write): Promise<boolean> {
  try {
    await transactBriefly(db, write);
    return true;
  } catch (error) {
    log.warn({ err: error, seq }, 'a row that follows from the chain could not be written; it is tried again');
    return false;
  }
}

interface Due {
  readonly entry: Entry;
  readonly at: Date;
  readonly agents: readonly string[];
}

/** Whether anything of an entry follows it. */
export const isFollowed = ({ kind }: Entry): boolean => FOLLOWED.includes(kind);

const FOLLOWED: readonly Entry['kind'][] = [
  ...(['human.role', 'human.disable', 'key.disable', 'key.retire', 'target.disable'] as const),
  ...(['agent.rotate', 'agent.change', 'agent.renew', 'rest.allow', 'rest.stop'] as const),
];

/** Rows say what the chain says now, and not what this entry said: in whatever order they are written, they end up true. */
async function writesOf(warden: Following, authority: Authority, due: Due): Promise<Write[]> {
  const { entry, at, agents } = due;
  const by = 'approver' in entry ? entry.approver.id : 'warden';
  const ends = (where: Prisma.GrantWhereInput) => endsOf(warden, at, by, where);
  switch (entry.kind) {
    case 'human.role':
    case 'human.disable': {
      const left = entry.kind === 'human.disable' ? signedOut(entry.human.id, at) : [];
      const given = agents.map((id) => over(warden, authority, { ...due, id, by, reason: OTHER_OWNER }));
      return [...left, ...(await Promise.all(given)).flat()];
    }
    case 'key.disable':
      return authority.keys.has(entry.disabled.id) ? signedOut(entry.human.id, at) : [];
    case 'key.retire':
      return signedOut(entry.human.id, at);
    case 'target.disable':
      return ends({ targetId: entry.targetId });
    case 'agent.change': {
      const { agent, before } = entry;
      if (agent.owner.id === before.owner.id) return [agentWrite(authority, agent.id)];
      return over(warden, authority, { ...due, id: agent.id, by, reason: OTHER_OWNER });
    }
    case 'agent.rotate':
      return over(warden, authority, { ...due, id: entry.agent.id, by, reason: 'The agent was given other secrets.' });
    case 'agent.renew': {
      const { id } = entry.agent;
      return over(warden, authority, { ...due, id, by: id, reason: 'The agent took another token.' });
    }
    case 'rest.allow':
      return [restWrite(authority, entry.agent.id, entry.target.id)];
    case 'rest.stop': {
      const [agentId, targetId] = [entry.agent.id, entry.target.id];
      return [restWrite(authority, agentId, targetId), ...(await ends({ agentId, targetId, kind: 'resting' }))];
    }
    default:
      return [];
  }
}

const OTHER_OWNER = 'The agent was given another owner.';

interface Over extends Due {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
}

/** Its row, and what it asked and got until then: that was for the agent that it was (T82). */
async function over(warden: Following, authority: Authority, { at, id, by, reason }: Over): Promise<Write[]> {
  const asked = await undecidedBy(warden.db, id, untilWhen(at));
  const rests = await warden.db.restAllowance.findMany({ where: { agentId: id }, select: { targetId: true } });
  return [
    agentWrite(authority, id),
    ...rests.map(({ targetId }) => restWrite(authority, id, targetId)),
    ...asked.map(
      (requestId): Write =>
        (tx, now) =>
          denyUndecided(tx, now, { id: requestId }, { by, reason }),
    ),
    ...(await endsOf(warden, at, by, { agentId: id })),
  ];
}

/** Not whether it is on: that is in its row alone, which the entry itself writes where it turns one on. */
const agentWrite =
  ({ agents }: Authority, id: string): Write =>
  async (tx) => {
    const agent = agents.get(id);
    if (agent === undefined) return;
    await tx.agent.updateMany({ where: { id, state: { not: 'deleted' } }, data: agentRow(agent) });
  };

const restWrite =
  ({ rests }: Authority, agentId: string, targetId: string): Write =>
  (tx) => {
    const key = { agentId, targetId };
    const rest = rests.get(restKey(agentId, targetId));
    if (rest === undefined) return tx.restAllowance.deleteMany({ where: key });
    const terms = { ttlSeconds: rest.ttlSeconds, chainHash: rest.chainHash };
    return tx.restAllowance.upsert({ where: { agentId_targetId: key }, create: { ...key, ...terms }, update: terms });
  };

/** What a person was signed in with, or about to be shown (T66). Their own row signs them out; once more now, for who signed in while the entry committed. */
const signedOut = (humanId: string, at: Date): Write[] => [
  (tx, now) => tx.human.updateMany({ where: { id: humanId, signedOutAt: at }, data: { signedOutAt: now } }),
  (tx) => tx.ticket.deleteMany({ where: { humanId, createdAt: { lte: at } } }),
  (tx) =>
    tx.session.updateMany({ where: { humanId, revokedAt: null, createdAt: { lte: at } }, data: { revokedAt: at } }),
];

/** What was asked or made while the entry committed counts as made before it. */
const untilWhen = (at: Date): Date => addSeconds(at, COMMIT_SECONDS);

const COMMIT_SECONDS = 15;

/** Over from now on by the warden's own file, whoever holds their rows. The target's secret stays, since ending needs it. */
async function endsOf(warden: Following, at: Date, by: string, where: Prisma.GrantWhereInput): Promise<Write[]> {
  const live = await warden.db.grant.findMany({
    where: { ...where, ...LIVE, createdAt: { lte: untilWhen(at) } },
    select: { id: true },
  });
  const firsts = noteStops(
    warden,
    live.map(({ id }) => id),
    { reason: 'revoked', by },
  );
  return [...firsts].map(
    ([id, first]): Write =>
      (tx, now) =>
        askForEnd(tx, now, id, first),
  );
}
