import { type Authority, mayOwnAgents, type SignedAgent } from '#lib/authority';
import type { Db, Tx } from '#lib/db';
import type { Vault } from '#warden/vault';

/** An agent's row as far as it counts: it may say that the agent is off, and nothing else. */
interface AgentRow {
  readonly id: string;
  readonly state: string;
}

/**
 * Whether an agent counts now: its secrets are in time, somebody answers for it,
 * and nobody has turned it off.
 */
export function agentCounts(
  { agentsOff }: Pick<Vault, 'agentsOff'>,
  { humans }: Authority,
  agent: SignedAgent,
  row: AgentRow | undefined,
  now: Date,
): boolean {
  const owner = humans.get(agent.ownerId);
  const answered = owner !== undefined && mayOwnAgents(owner);
  return row?.state === 'active' && !isOff({ agentsOff }, agent) && now < agent.expiresAt && answered;
}

/**
 * Remembers beside the database that a row said off, or was not there: turning on
 * again takes a key, and no row does it (P9). The rows must have been read after the authority: older
 * ones would turn off what a key has just turned on. A database that was put back in time lacks agents that came since,
 * and is not believed before their rows were put right: what is new is read once more then.
 */
export async function noteOff(
  db: Db | Tx,
  vault: Pick<Vault, 'agentsOff' | 'readRestored'>,
  { head }: Pick<Authority, 'head'>,
  agents: readonly SignedAgent[],
  rows: ReadonlyMap<string, AgentRow>,
): Promise<void> {
  const off = agents.filter((agent) => isNew(vault, agent, rows.get(agent.id)));
  if (off.length === 0 || vault.readRestored()?.agents === false) return;
  if ((await db.chainEntry.count({ where: { seq: head.seq, hash: head.hash } })) === 0) return;
  const again = await agentRows(db, off);
  for (const agent of off) markOff(vault, agent, again.get(agent.id)?.state);
}

export function markOff({ agentsOff }: Pick<Vault, 'agentsOff'>, agent: SignedAgent, state: string | undefined): void {
  if (state !== 'active') agentsOff.add(offMark(agent));
  if (state === 'deleted') agentsOff.add(deletedMark(agent));
}

const isNew = (vault: Pick<Vault, 'agentsOff'>, agent: SignedAgent, row: AgentRow | undefined): boolean =>
  (row?.state !== 'active' && !isOff(vault, agent)) || (row?.state === 'deleted' && !isDeleted(vault, agent));

/** The rows of these agents, as they are now. */
export async function agentRows(
  db: Db | Tx,
  agents: Iterable<Pick<SignedAgent, 'id'>>,
): Promise<ReadonlyMap<string, AgentRow>> {
  const where = { id: { in: [...agents].map(({ id }) => id) } };
  return new Map((await db.agent.findMany({ where, select: { id: true, state: true } })).map((row) => [row.id, row]));
}

/** Whether its row ever said deleted: not even a key turns it on. */
export const isDeleted = ({ agentsOff }: Pick<Vault, 'agentsOff'>, { id }: Pick<SignedAgent, 'id'>): boolean =>
  agentsOff.has(deletedMark({ id }));

/** Whether it was seen off since it was let in. */
export const isOff = ({ agentsOff }: Pick<Vault, 'agentsOff'>, agent: SignedAgent): boolean =>
  agentsOff.has(offMark(agent));

const deletedMark = ({ id }: Pick<SignedAgent, 'id'>): string => `deleted ${id}`;

/** Of this time that it was let in: a later entry lets it in again. */
const offMark = ({ id, chainHash }: SignedAgent): string => `${id} ${chainHash}`;

/** The agent as the chain has it, where it counts now; null where it does not. */
export async function countingAgent(
  { db, vault }: { readonly db: Db | Tx; readonly vault: Pick<Vault, 'agentsOff' | 'readRestored'> },
  authority: Authority,
  agentId: string,
): Promise<SignedAgent | null> {
  const agent = authority.agents.get(agentId);
  if (agent === undefined) return null;
  const [row] = await db.$queryRaw<Array<AgentRow & { readonly now: Date }>>`
    SELECT id, state, clock_timestamp() AS now FROM agents WHERE id = ${agentId}`;
  await noteOff(db, vault, authority, [agent], new Map(row && [[row.id, row]]));
  return row !== undefined && agentCounts(vault, authority, agent, row, row.now) ? agent : null;
}
