import { isOfClass } from '#lib/approvals';
import { append } from '#lib/audit';
import { type Authority, fitsProduction, mayOwnAgents, type SignedKey } from '#lib/authority';
import { type Approval, type Db, databaseNow, type Grant, type Tx } from '#lib/db';
import { LIVE } from '#lib/grants';
import { denyUndecided } from '#lib/requests';
import { type ApproveStatement, openStatement } from '#lib/statement';
import { agentCounts, countingAgent } from '#warden/authority';
import type { Warden } from '../context';
import { agentChanged, type Doubt, endDoubtful, pageOf, restGone, targetGone } from './by-chain';
import type { EndingsInFlight } from './in-flight';

const BATCH = 100;

/**
 * Ends what is alive and rests on who or what is gone, by the chain: every grant that
 * without them, or with a key that production does not take any more, not enough people approved, and with a person their agents, what
 * these hold and wait for (T85); what a target, a right to read or an agent's secrets
 * that are over allowed. Looked for again and again, and outside the entry
 * that says so: no row of these that somebody holds locked keeps the others alive, and no list of what is still to be done can lose one.
 */
export async function endLeftBehind(warden: Warden, inFlight: EndingsInFlight): Promise<void> {
  await endDoubtful(warden, inFlight, tooFewApproved);
  await endDoubtful(warden, inFlight, targetGone);
  await endDoubtful(warden, inFlight, restGone);
  await endDoubtful(warden, inFlight, agentChanged);
  await stopAgents(warden, inFlight);
}

const tooFewApproved: Doubt<Grant & { readonly request: { readonly approvals: readonly Approval[] } | null }> = {
  find(db, authority, page) {
    const counting = [...authority.keys.values()].filter((key) => counts(authority, key));
    const unfit = counting.filter((key) => !fitsProduction(key, authority));
    const idsOf = (keys: readonly SignedKey[]): string[] => keys.map(({ id }) => id);
    const gone = { keyId: { notIn: idsOf(counting) } };
    const unproven = { keyId: { in: idsOf(unfit) }, statement: { contains: '"keyClass":"hardware"' } };
    const { where, ...rest } = pageOf(page);
    return db.grant.findMany({
      ...rest,
      where: { ...where, request: { approvals: { some: { OR: [gone, unproven] } } } },
      include: { request: { select: { approvals: true } } },
    });
  },
  isOver: (authority, { request }) => !isEnough(authority, request?.approvals ?? []),
};

/** A key of somebody who may still approve. */
function counts(
  { humans }: Authority,
  { humanId, active }: { readonly humanId: string; readonly active: boolean },
): boolean {
  const human = humans.get(humanId);
  return active && human?.active === true && human.role !== 'reviewer';
}

/** As many people as the signed policy wants, of those who still count. What is no statement of ours counts for nobody. */
export function isEnough(
  authority: Authority,
  approvals: ReadonlyArray<Pick<Approval, 'humanId' | 'keyId' | 'statement'>>,
): boolean {
  const left = approvals.filter(({ humanId, keyId, statement }) => {
    const key = authority.keys.get(keyId);
    const fits = key !== undefined && isOfClass(authority, key, policyOf(statement));
    return fits && key.humanId === humanId && counts(authority, key);
  });
  const wanted = Math.max(1, ...approvals.map(({ statement }) => policyOf(statement).quorum));
  return new Set(left.map(({ humanId }) => humanId)).size >= wanted;
}

function policyOf(text: string): Pick<ApproveStatement['policy'], 'quorum' | 'keyClass'> {
  try {
    const statement = openStatement(text);
    return statement.kind === 'request.approve' ? statement.policy : NOBODYS;
  } catch {
    return NOBODYS;
  }
}

const NOBODYS = { quorum: Number.POSITIVE_INFINITY, keyClass: 'hardware' } as const;

const OWNER_GONE = 'The agent’s owner is not here any more.';
const OFF = 'The agent is off, or its secrets have ended.';

/**
 * Agents whose owner is gone are turned off; of every agent that does not count
 * what it holds ends, and what it asked is denied: web may have been kept from it, or is
 * somebody else's. What it holds first and each by itself: no request that somebody
 * holds locked keeps it alive. The rows are read first, and the chain after them: an
 * agent that was registered in between is nobody's loss.
 */
async function stopAgents(warden: Warden, inFlight: EndingsInFlight): Promise<void> {
  const { db } = warden;
  const rows = await db.$queryRaw<AgentRow[]>`
    WITH busy AS (SELECT agent_id FROM grants WHERE state IN ('waiting', 'ready', 'active')
      UNION SELECT agent_id FROM requests WHERE state IN ('preparing', 'pending'))
    SELECT id, name, state, id IN (TABLE busy) AS busy FROM agents WHERE state = 'active' OR id IN (TABLE busy)`;
  const [now, authority] = [await databaseNow(db), await warden.authority.current(db)];
  const resting = new Set(inFlight.expiring());
  const off = rows.filter((row) => {
    const agent = authority.agents.get(row.id);
    if (!row.busy && !isOrphan(authority, row.id)) return false;
    return agent === undefined || !agentCounts(warden.vault, authority, agent, row, now);
  });
  await endHeld(warden, inFlight, off);
  for (const row of off.filter(({ id }) => !resting.has(id)).slice(0, BATCH))
    stopAgent(warden, inFlight, authority, row);
}

interface AgentRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** It waits for something, or holds it. */
  readonly busy: boolean;
}

function isOrphan({ agents, humans }: Authority, agentId: string): boolean {
  const owner = humans.get(agents.get(agentId)?.ownerId ?? '');
  return owner !== undefined && !mayOwnAgents(owner);
}

async function endHeld(warden: Warden, inFlight: EndingsInFlight, off: readonly AgentRow[]): Promise<void> {
  const held = await warden.db.grant.findMany({
    where: { ...LIVE, id: { notIn: [...inFlight.expiring()] }, agentId: { in: off.map(({ id }) => id) } },
    take: BATCH,
  });
  if (held.length === 0) return;
  // As it is after the rows: a grant that a key has let in since is nobody's loss.
  const authority = await warden.authority.current(warden.db);
  for (const grant of held)
    if (await staysOff(warden, authority, grant.agentId))
      inFlight.askAndEnd(grant, { reason: 'revoked', by: 'warden' });
}

/** A key may have turned it on since its row was read. */
const staysOff = async (
  { db, vault }: { readonly db: Db | Tx; readonly vault: Warden['vault'] },
  authority: Authority,
  agentId: string,
): Promise<boolean> => (await countingAgent({ db, vault }, authority, agentId)) === null;

function stopAgent(
  { vault }: Warden,
  inFlight: EndingsInFlight,
  authority: Authority,
  { id: agentId, name }: AgentRow,
) {
  const orphan = isOrphan(authority, agentId);
  const reason = orphan ? OWNER_GONE : OFF;
  inFlight.writeDown('agents', agentId, async (tx, now) => {
    if (!(await staysOff({ db: tx, vault }, authority, agentId))) return;
    if (orphan) {
      const turned = { where: { id: agentId, state: 'active' }, data: { state: 'disabled' } };
      const { count } = await tx.agent.updateMany(turned);
      if (count > 0)
        await append(tx, { kind: 'agent.disabled', actor: 'warden', at: now, agentId, data: { name, reason } });
    }
    await denyUndecided(tx, now, { agentId }, { by: 'warden', reason });
  });
}
