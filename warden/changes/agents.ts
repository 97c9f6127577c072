import type { Authority, SignedAgent } from '#lib/authority';
import { refuse } from '#lib/core';
import { type Db, Prisma, type Tx } from '#lib/db';
import type { AgentSecrets, NewAgentFacts } from '#lib/statement';

/** A new agent's row. Throws `conflict` where its name was taken meanwhile. */
export async function projectAgent(tx: Tx, authority: Authority, agent: NewAgentFacts, now: Date): Promise<void> {
  await refuseNameTaken(tx, authority, agent);
  const { id, name, description, owner, secrets } = agent;
  const row = { id, description, state: 'active', createdAt: now };
  const signed = { name, ownerId: owner.id, ...signedSecrets(secrets, now), before: null };
  const { count } = await tx.agent.createMany({ data: { ...row, ...agentRow(signed) }, skipDuplicates: true });
  if (count !== 1) refuseName(name);
}

const signedSecrets = ({ tokenThumbprint, tokenHint, publicJwk, expiresAt }: AgentSecrets, now: Date) => ({
  tokenHash: tokenThumbprint,
  tokenHint,
  publicJwk,
  issuedAt: now,
  expiresAt: new Date(expiresAt),
});

const refuseName = (name: string): never => refuse('conflict', `There is an agent named ${name} already.`);

/** One that was deleted stays so. Throws `conflict` there, and where somebody took the row away. */
export async function refuseDeleted(tx: Tx, id: string): Promise<void> {
  const left = await tx.agent.count({ where: { id, state: { not: 'deleted' } } });
  if (left !== 1) refuse('conflict', 'This agent was deleted.');
}

/**
 * Refuses a name that differs from another agent's in case alone, or not at all: the
 * one could pose as the other (T65). By the rows, and by the chain, whose rows may
 * not say so yet or were given other names. Throws `conflict`.
 */
export async function refuseNameTaken(
  db: Db | Tx,
  { agents }: Authority,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const named = [...agents.values()].filter((agent) => agent.name.toLowerCase() === name.toLowerCase());
  const taken = await db.agent.count({
    where: {
      id: { not: id },
      state: { not: 'deleted' },
      OR: [{ id: { in: named.map((agent) => agent.id) } }, { name: { equals: name, mode: 'insensitive' } }],
    },
  });
  if (taken > 0) refuseName(name);
}

/** What an agent's row says of it by the chain. */
export const agentRow = (agent: Omit<SignedAgent, 'id' | 'collectHash' | 'keyThumbprint' | 'chainHash'>) => ({
  name: agent.name,
  ownerId: agent.ownerId,
  tokenHash: agent.tokenHash,
  tokenHint: agent.tokenHint,
  publicJwk: agent.publicJwk ?? Prisma.DbNull,
  tokenIssuedAt: agent.issuedAt,
  expiresAt: agent.expiresAt,
  previousTokenHash: agent.before?.tokenHash ?? null,
  previousUntil: agent.before?.until ?? null,
});
