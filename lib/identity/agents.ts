import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { type AuditKind, append } from '#lib/audit';
import { checksummedToken, newId, refuse, sha256Base64url } from '#lib/core';
import { type Agent, Prisma, type Tx } from '#lib/db';
import { plainIdentifier } from '#lib/text';
import { jwkThumbprint } from '#lib/tokens';

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
  .max(60)
  .refine(plainIdentifier, 'Use printable ASCII, with no space at either end.')
  .refine((name) => !name.includes('(deleted '), 'That name is kept for deleted agents.');

export const NewAgent = z.strictObject({
  name: AgentName,
  description: z.string().max(500).default(''),
  /** Who answers for it. Left out, it is whoever registers it. */
  ownerId: z.string().max(40).optional(),
  publicJwk: PublicJwk.nullish(),
});
export type NewAgent = z.infer<typeof NewAgent>;

/** Fields that are left out stay. A null key removes the key. */
export const AgentEdit = z.strictObject({
  name: AgentName.optional(),
  description: z.string().max(500).optional(),
  publicJwk: PublicJwk.nullish(),
});
export type AgentEdit = z.infer<typeof AgentEdit>;

interface Actor {
  readonly id: string;
  readonly role: 'owner' | 'approver' | 'reviewer';
}

/** Owners manage every agent, approvers their own, reviewers none. */
export const mayManageAgent = (actor: Actor, ownerId: string): boolean =>
  actor.role === 'owner' || (actor.role === 'approver' && actor.id === ownerId);

/** Registers an agent and returns its ask token, of which only the hash is stored. */
export async function registerAgent(
  tx: Tx,
  now: Date,
  actor: Actor,
  input: NewAgent,
): Promise<{ id: string; token: string }> {
  const ownerId = input.ownerId ?? actor.id;
  if (!mayManageAgent(actor, ownerId))
    refuse('forbidden', 'Owners register agents for anyone, approvers for themselves.');
  const owner = await tx.human.findFirst({
    where: { id: ownerId, state: 'active', role: { in: ['owner', 'approver'] } },
  });
  if (owner === null)
    refuse('invalid_request', 'An agent belongs to an active owner or approver.', {
      errors: [{ pointer: '/ownerId', detail: 'Not an active owner or approver.' }],
    });
  await refuseTakenName(tx, input.name);
  const id = newId('agt');
  const { token, ...stored } = newToken();
  const { name, description, publicJwk } = input;
  await tx.agent.create({
    data: {
      id,
      name,
      description,
      ownerId,
      publicJwk: publicJwk ?? Prisma.DbNull,
      ...stored,
      state: 'active',
      createdAt: now,
      tokenIssuedAt: now,
    },
  });
  await append(tx, {
    kind: 'agent.registered',
    actor: actor.id,
    at: now,
    agentId: id,
    data: { name, ownerId, tokenHint: stored.tokenHint },
  });
  return { id, token };
}

/** Refuses a name that differs from another agent's in case alone, or not at all: the one could pose as the other (T65). */
async function refuseTakenName(tx: Tx, name: string, except = ''): Promise<void> {
  const taken = await tx.$queryRaw<
    unknown[]
  >`SELECT 1 FROM agents WHERE lower(name) = lower(${name}) AND id <> ${except}`;
  if (taken.length > 0) refuse('conflict', `There is an agent named ${name} already.`);
}

function newToken(): { token: string; tokenHash: string; tokenHint: string } {
  const token = checksummedToken('ask');
  return { token, tokenHash: sha256Base64url(token), tokenHint: token.slice(-4) };
}

/** Reads an agent for somebody who may manage it. Throws `not_found` where there is none, `forbidden` where they may not. */
async function managed(tx: Tx, actor: Actor, agentId: string): Promise<Agent> {
  const agent = await tx.agent.findFirst({ where: { id: agentId, state: { not: 'deleted' } } });
  if (agent === null) return refuse('not_found', 'There is no such agent.');
  if (!mayManageAgent(actor, agent.ownerId)) refuse('forbidden', 'Owners manage every agent, approvers their own.');
  return agent;
}

/** Replaces the ask token. With the commit the old one is dead, and so is what was approved for it. */
export async function rotateToken(
  tx: Tx,
  now: Date,
  actor: Actor,
  agentId: string,
): Promise<{ id: string; token: string }> {
  const agent = await managed(tx, actor, agentId);
  const { token, ...stored } = newToken();
  await tx.agent.update({ where: { id: agent.id }, data: { ...stored, tokenIssuedAt: now } });
  await append(tx, {
    kind: 'agent.token_rotated',
    actor: actor.id,
    at: now,
    agentId,
    data: { tokenHint: stored.tokenHint },
  });
  return { id: agentId, token };
}

/**
 * Edits the fields that are given and differ. Returns whether the key is another
 * one now: the warden then mints nothing that was approved for the old one.
 */
export async function editAgent(
  tx: Tx,
  now: Date,
  actor: Actor,
  agentId: string,
  edit: AgentEdit,
): Promise<{ readonly keyChanged: boolean }> {
  const agent = await managed(tx, actor, agentId);
  const event = { actor: actor.id, at: now, agentId };
  const { name = agent.name, description = agent.description, publicJwk } = edit;
  if (name !== agent.name || description !== agent.description) {
    await refuseTakenName(tx, name, agentId);
    await tx.agent.update({ where: { id: agentId }, data: { name, description } });
    await append(tx, { ...event, kind: 'agent.edited', data: { name, nameBefore: agent.name, description } });
  }
  const [before, after] = [jwkThumbprint(agent.publicJwk), jwkThumbprint(publicJwk)];
  if (publicJwk === undefined || before === after) return { keyChanged: false };
  await tx.agent.update({ where: { id: agentId }, data: { publicJwk: publicJwk ?? Prisma.DbNull } });
  await append(tx, { ...event, kind: 'agent.key_changed', data: { keyThumbprint: after } });
  return { keyChanged: true };
}

/** An agent that nobody answers for stays off; the warden would not count it either (T85). */
async function refuseOwnerGone(tx: Tx, ownerId: string): Promise<void> {
  const where = { id: ownerId, state: 'active', role: { in: ['owner', 'approver'] } };
  if ((await tx.human.count({ where })) === 0)
    refuse('conflict', 'Its owner is not here any more. Register an agent of your own in its place.');
}

const TRANSITIONS = {
  disabled: { from: ['active'], kind: 'agent.disabled' },
  active: { from: ['disabled'], kind: 'agent.enabled' },
  deleted: { from: ['active', 'disabled'], kind: 'agent.deleted' },
} as const satisfies Record<string, { from: readonly string[]; kind: AuditKind }>;

/** Disables, enables or deletes an agent. A deleted one gives its name free and keeps its id, by which its history goes on. */
export async function changeAgentState(
  tx: Tx,
  now: Date,
  actor: Actor,
  agentId: string,
  to: keyof typeof TRANSITIONS,
): Promise<void> {
  const agent = await managed(tx, actor, agentId);
  if (to === 'active') await refuseOwnerGone(tx, agent.ownerId);
  const { from, kind } = TRANSITIONS[to];
  const name = to === 'deleted' ? `${agent.name} (deleted ${agent.id.slice(-6)})` : agent.name;
  const { count } = await tx.agent.updateMany({
    where: { id: agentId, state: { in: [...from] } },
    data: { state: to, name },
  });
  if (count !== 1) refuse('conflict', `The agent is ${agent.state} already.`);
  await append(tx, { kind, actor: actor.id, at: now, agentId, data: { name: agent.name } });
}
