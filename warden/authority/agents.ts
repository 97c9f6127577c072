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
 * again takes a key, and no row does it (P9). The row must have been read after the authority: an
 * older one would turn off what a key has just turned on.
 */
export function noteOff({ agentsOff }: Pick<Vault, 'agentsOff'>, agent: SignedAgent, row: AgentRow | undefined): void {
  const mark = offMark(agent);
  if (row?.state !== 'active') agentsOff.add(mark);
  if (row?.state === 'deleted') agentsOff.add(`deleted ${agent.id}`);
}

/** Whether its row ever said deleted: not even a key turns it on. */
export const isDeleted = ({ agentsOff }: Pick<Vault, 'agentsOff'>, { id }: Pick<SignedAgent, 'id'>): boolean =>
  agentsOff.has(`deleted ${id}`);

/** Whether it was seen off since it was let in. */
export const isOff = ({ agentsOff }: Pick<Vault, 'agentsOff'>, agent: SignedAgent): boolean =>
  agentsOff.has(offMark(agent));

/** Of this time that it was let in: a later entry lets it in again. */
const offMark = ({ id, chainHash }: SignedAgent): string => `${id} ${chainHash}`;

/** The agent as the chain has it, where it counts now; null where it does not. */
export async function countingAgent(
  { db, vault }: { readonly db: Db | Tx; readonly vault: Pick<Vault, 'agentsOff'> },
  authority: Authority,
  agentId: string,
): Promise<SignedAgent | null> {
  const agent = authority.agents.get(agentId);
  if (agent === undefined) return null;
  const [row] = await db.$queryRaw<Array<AgentRow & { readonly now: Date }>>`
    SELECT id, state, clock_timestamp() AS now FROM agents WHERE id = ${agentId}`;
  noteOff(vault, agent, row);
  return row !== undefined && agentCounts(vault, authority, agent, row, row.now) ? agent : null;
}
