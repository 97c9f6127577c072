import { refuse } from '#lib/core';
import { Prisma, type Tx } from '#lib/db';
import { denyAllOf } from '#lib/requests';
import type { AgentSecrets, ChainStatement, NewAgentFacts } from '#lib/statement';
import { endGrants } from './end-grants';

type AgentChange = Extract<ChainStatement, { kind: `agent.${string}` }>;

/** Writes what was signed of an agent into its row. */
export async function projectAgentChange(tx: Tx, statement: AgentChange, now: Date): Promise<void> {
  switch (statement.kind) {
    case 'agent.register':
      return projectAgent(tx, statement.agent, now);
    case 'agent.rotate':
      await writeAgent(tx, statement.agent.id, secretsRow(statement.secrets, now));
      return endAsked(tx, now, statement.approver.id, {
        agentId: statement.agent.id,
        reason: 'The agent was given other secrets.',
      });
    case 'agent.change':
      return changeAgent(tx, now, statement);
    case 'agent.enable':
      return writeAgent(tx, statement.agent.id, { state: 'active' });
    default:
      return statement satisfies never;
  }
}

/** One that was deleted stays so. Throws `conflict` there, and where somebody took the row away. */
export async function writeAgent(tx: Tx, id: string, data: Prisma.AgentUncheckedUpdateManyInput): Promise<void> {
  const { count } = await tx.agent.updateMany({ where: { id, state: { not: 'deleted' } }, data });
  if (count !== 1) refuse('conflict', 'This agent was deleted.');
}

/** Denies what an agent asked and ends what it got: it was for the agent that it was then (T82). */
export async function endAsked(
  tx: Tx,
  now: Date,
  by: string,
  { agentId, reason }: { readonly agentId: string; readonly reason: string },
): Promise<void> {
  await denyAllOf(tx, now, agentId, { by, reason });
  await endGrants(tx, now, by, { agentId });
}

type Going = Extract<ChainStatement, { kind: 'human.role' | 'human.disable' }>;

/** The agents of who goes go to somebody else, where the signature says so. What they asked and held is over. */
export async function handOver(tx: Tx, now: Date, statement: Going, owned: readonly string[]): Promise<void> {
  const { agentsTo } = statement;
  if (!agentsTo) return;
  await tx.agent.updateMany({ where: { id: { in: [...owned] } }, data: { ownerId: agentsTo.id } });
  for (const id of owned) await handedOver(tx, now, statement, id);
}

/** The secrets and the reading at rest that its owner until now knew of are over, and what it asked and held. */
async function handedOver(tx: Tx, now: Date, { approver, issuedAt }: ChainStatement, agentId: string): Promise<void> {
  const ended = { expiresAt: new Date(issuedAt), previousTokenHash: null, previousUntil: null };
  await tx.agent.updateMany({ where: { id: agentId }, data: ended });
  await tx.restAllowance.deleteMany({ where: { agentId } });
  await endAsked(tx, now, approver.id, { agentId, reason: 'The agent was given another owner.' });
}

/** A new agent's row. Throws `conflict` where its name was taken meanwhile. */
export async function projectAgent(
  tx: Tx,
  { id, name, description, owner, secrets }: NewAgentFacts,
  now: Date,
): Promise<void> {
  const row = { id, name, description, ownerId: owner.id, state: 'active', createdAt: now };
  const { count } = await tx.agent.createMany({ data: { ...row, ...secretsRow(secrets, now) }, skipDuplicates: true });
  if (count !== 1) refuse('conflict', `There is an agent named ${name} already.`);
}

/** What its row says of its secrets. An earlier token that went on beside them ends. */
export const secretsRow = ({ tokenThumbprint, tokenHint, publicJwk, expiresAt }: AgentSecrets, now: Date) => ({
  tokenHash: tokenThumbprint,
  tokenHint,
  publicJwk: publicJwk ?? Prisma.DbNull,
  tokenIssuedAt: now,
  expiresAt: new Date(expiresAt),
  previousTokenHash: null,
  previousUntil: null,
});

async function changeAgent(
  tx: Tx,
  now: Date,
  statement: Extract<ChainStatement, { kind: 'agent.change' }>,
): Promise<void> {
  const { agent, before } = statement;
  await writeAgent(tx, agent.id, { name: agent.name, ownerId: agent.owner.id });
  if (agent.owner.id !== before.owner.id) await handedOver(tx, now, statement, agent.id);
}
