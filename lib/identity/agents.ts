import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { type AuditKind, append } from '#lib/audit';
import { refuse } from '#lib/core';
import type { Agent, Tx } from '#lib/db';
import { plainIdentifier } from '#lib/text';

const Coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const Unused = {
  kid: z.string().max(200).optional(),
  alg: z.string().max(20).optional(),
  use: z.literal('sig').optional(),
};

/** A public key that an agent proves with DPoP: P-256 or Ed25519, without a private part. */
export const PublicJwk = z
  .discriminatedUnion('kty', [
    z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: Coordinate, y: Coordinate, ...Unused }),
    z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: Coordinate, ...Unused }),
  ])
  .transform((jwk) =>
    jwk.kty === 'EC' ? { kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y } : { kty: jwk.kty, crv: jwk.crv, x: jwk.x },
  )
  .refine(onCurve, 'Not a point on its curve.');
export type PublicJwk = z.infer<typeof PublicJwk>;

function onCurve(jwk: { readonly kty: string }): boolean {
  try {
    createPublicKey({ key: { ...jwk }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

const AgentName = z
  .string()
  .min(1)
  .max(60)
  .refine(plainIdentifier, 'Use printable ASCII, with no space at either end.');

/** Longest and usual life of an agent's secrets, in days. */
const LIVES = { most: 365, usual: 90 } as const;
const Days = z.int().min(1).max(LIVES.most).default(LIVES.usual);

/** What a person says of a new agent. Its secrets are the warden's to make. */
export const NewAgentFields = z.strictObject({
  name: AgentName,
  description: z.string().max(500).default(''),
  days: Days,
  publicJwk: PublicJwk.nullish(),
});
export type NewAgentFields = z.infer<typeof NewAgentFields>;

const AgentId = z.string().regex(/^agt_[0-9a-z]{20}$/);

/** Other secrets. A key that is left out stays; null takes it away. */
export const NewSecrets = z.strictObject({ agentId: AgentId, days: Days, publicJwk: PublicJwk.nullish() });

/** Its name and its owner, as they are to be. */
export const AgentChange = z.strictObject({ agentId: AgentId, name: AgentName, ownerId: z.string().max(40) });

/** The one thing about an agent that is nobody's to sign: nothing is granted by it. */
export const AgentNote = z.strictObject({ description: z.string().max(500) });
export type AgentNote = z.infer<typeof AgentNote>;

interface Actor {
  readonly id: string;
  readonly role: 'owner' | 'approver' | 'reviewer';
}

/** Owners manage every agent, approvers their own, reviewers none. */
export const mayManageAgent = (actor: Actor, ownerId: string): boolean =>
  actor.role === 'owner' || (actor.role === 'approver' && actor.id === ownerId);

/** Reads an agent for somebody who may manage it. Throws `not_found` where there is none, `forbidden` where they may not. */
async function managed(tx: Tx, actor: Actor, agentId: string): Promise<Agent> {
  const agent = await tx.agent.findFirst({ where: { id: agentId, state: { not: 'deleted' } } });
  if (agent === null) return refuse('not_found', 'There is no such agent.');
  if (!mayManageAgent(actor, agent.ownerId)) refuse('forbidden', 'Owners manage every agent, approvers their own.');
  return agent;
}

export async function describeAnew(
  tx: Tx,
  now: Date,
  actor: Actor,
  agentId: string,
  { description }: AgentNote,
): Promise<void> {
  const agent = await managed(tx, actor, agentId);
  if (description === agent.description) return;
  await tx.agent.update({ where: { id: agentId }, data: { description } });
  await append(tx, { kind: 'agent.edited', actor: actor.id, at: now, agentId, data: { description } });
}

const OFF = {
  disabled: { from: ['active'], kind: 'agent.disabled' },
  deleted: { from: ['active', 'disabled'], kind: 'agent.deleted' },
} as const satisfies Record<string, { from: readonly string[]; kind: AuditKind }>;

/** Disables or deletes an agent, without a key (P9). A deleted one gives its name free and keeps its id, by which its history goes on. */
export async function turnAgentOff(
  tx: Tx,
  now: Date,
  actor: Actor,
  agentId: string,
  to: keyof typeof OFF,
): Promise<void> {
  const agent = await managed(tx, actor, agentId);
  const { from, kind } = OFF[to];
  const { count } = await tx.agent.updateMany({
    where: { id: agentId, state: { in: [...from] } },
    data: { state: to },
  });
  if (count !== 1) refuse('conflict', `The agent is ${agent.state} already.`);
  await append(tx, { kind, actor: actor.id, at: now, agentId, data: { name: agent.name } });
}
