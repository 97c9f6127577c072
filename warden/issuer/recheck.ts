import { refuse } from '#lib/core';
import type { Db, Grant, Tx } from '#lib/db';
import { type AgentFacts, isAgent } from '#lib/identity';
import type { ApproveStatement } from '#lib/statement';
import { countingAgent } from '#warden/authority';
import { frozen } from '#warden/freeze';
import type { Warden } from '../context';

/**
 * The last look before an operation goes out: looking at the target took its
 * time, and saying no must count until the very end (P9). Throws where somebody
 * revoked, froze or stopped the agent, or where the time is over.
 */
export async function recheckGrant(
  warden: Warden,
  { id }: Pick<Grant, 'id'>,
  { request: { agent } }: ApproveStatement,
): Promise<void> {
  const authority = await warden.authority.current(warden.db);
  const [isFrozen, live] = await Promise.all([frozen(warden, authority), isLive(warden, id)]);
  if (isFrozen) refuse('not_allowed', `${NOT_RUN} somebody froze everything, and an owner’s key has to end that.`);
  if (!live) refuse('gone', `${NOT_RUN} this grant was ended, or its time is over. File a new request.`);
  await recheckAgent(warden.db, warden, signedFor(agent));
}

/**
 * The agent, as it is when something is made for it or used up: it was looked at
 * when it called, and whoever turned it off or gave it other secrets since must be
 * heard, however long a lock or a slow target has kept us (P9). Throws `not_allowed`.
 */
export async function recheckAgent(
  db: Db | Tx,
  { vault, authority }: Pick<Warden, 'vault' | 'authority'>,
  facts: AgentFacts,
): Promise<void> {
  const agent = await countingAgent({ db, vault }, await authority.current(db), facts.id);
  if (agent === null || !isAgent(agent, facts))
    refuse('not_allowed', 'This agent was stopped, its secrets changed, or nobody answers for it any more.');
}

/** The agent that a statement was signed for. */
export const signedFor = ({ tokenThumbprint, ...agent }: ApproveStatement['request']['agent']): AgentFacts => ({
  ...agent,
  tokenHash: tokenThumbprint,
});

const NOT_RUN = 'Not run, and nothing was sent:';

/** By the database's clock, in one statement (T77), and not stopped, whatever its row says. */
export async function isLive({ db, vault }: Pick<Warden, 'db' | 'vault'>, id: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM grants WHERE id = ${id} AND state = 'active' AND expires_at > clock_timestamp()`;
  return rows.length === 1 && !vault.stopped.has(id);
}
