import { classOf } from '#lib/authority';
import type { Prisma, Tx } from '#lib/db';
import type { ChainStatement, KeyFacts } from '#lib/statement';
import { isUpstream } from '#lib/targets';
import { endGrants } from './end-grants';
import { handOver, projectAgent, projectAgentChange } from './project-agents';

/** A signed change with the hash of its entry. */
interface Applied {
  readonly statement: ChainStatement;
  readonly hash: string;
  readonly sealed: string | null;
  readonly now: Date;
  /** Agents of the person it is about, by the chain. */
  readonly owned: readonly string[];
}

/** Writes a change into the tables that the console reads. The warden goes by the chain and compares them with it. */
export async function project(tx: Tx, applied: Applied): Promise<void> {
  const { statement, hash, now } = applied;
  switch (statement.kind) {
    case 'human.admit':
      await tx.human.update({ where: { id: statement.human.id }, data: { ...statement.human, state: 'active' } });
      await projectKey(tx, statement.human.id, statement.enrolled);
      await tx.sealed.deleteMany({ where: { ownerId: statement.enrolled.id } });
      return;
    case 'human.role':
      await tx.human.update({ where: { id: statement.human.id }, data: { role: statement.human.role } });
      return handOver(tx, now, statement, applied.owned);
    case 'human.disable':
      await tx.human.update({ where: { id: statement.human.id }, data: { state: 'disabled' } });
      await handOver(tx, now, statement, applied.owned);
      return endSessions(tx, now, statement.human.id);
    case 'key.enroll':
      return projectKey(tx, statement.human.id, statement.enrolled);
    case 'key.disable':
      await tx.key.update({ where: { id: statement.disabled.id }, data: { state: 'disabled' } });
      return endSessions(tx, now, statement.human.id);
    case 'target.add':
      if (statement.agent) await projectAgent(tx, statement.agent, now);
      return projectTarget(tx, statement, applied);
    case 'target.renew':
      return renewTarget(tx, statement, applied);
    case 'target.disable':
      await tx.target.update({ where: { id: statement.targetId }, data: { state: 'disabled' } });
      return endGrants(tx, now, statement.approver.id, { targetId: statement.targetId });
    case 'agent.register':
    case 'agent.rotate':
    case 'agent.change':
    case 'agent.enable':
      return projectAgentChange(tx, statement, now);
    case 'rest.allow':
      return projectRest(tx, statement, hash);
    case 'freeze.thaw':
      await tx.freeze.updateMany({ where: { id: statement.freezeId }, data: { thawedAt: now } });
      return;
    case 'gateway.replace':
    case 'keys.accept':
      return;
    case 'rest.stop':
      await tx.restAllowance.deleteMany({ where: { agentId: statement.agent.id, targetId: statement.target.id } });
      return endGrants(tx, now, statement.approver.id, {
        agentId: statement.agent.id,
        targetId: statement.target.id,
        kind: 'resting',
      });
    default:
      return statement satisfies never;
  }
}

/** Upserts a key: its row may be there already, waiting for an owner's signature. */
export async function projectKey(
  tx: Tx,
  humanId: string,
  { id, ...facts }: KeyFacts,
  found: { readonly transports?: string[]; readonly counter?: bigint } = {},
): Promise<void> {
  const row = { humanId, ...facts, class: classOf(facts.class), state: 'active' };
  await tx.key.upsert({ where: { id }, create: { id, ...row, transports: [], ...found }, update: row });
}

/** Ends every session of a person who lost a key, or their place, and what they were about to be shown (T66). */
export async function endSessions(tx: Tx, now: Date, humanId: string): Promise<void> {
  await tx.ticket.deleteMany({ where: { humanId } });
  await tx.session.updateMany({ where: { humanId, revokedAt: null }, data: { revokedAt: now } });
}

type Added = Extract<ChainStatement, { kind: 'target.add' }>;
type Renewed = Extract<ChainStatement, { kind: 'target.renew' }>;
type Rests = Extract<ChainStatement, { kind: 'rest.allow' }>;

async function projectTarget(tx: Tx, { targetId: id, target }: Added, { hash, sealed, now }: Applied): Promise<void> {
  const { name, kind, environment } = target;
  const config = target as unknown as Prisma.InputJsonObject;
  await freeName(tx, name);
  await tx.target.create({
    data: { id, name, kind, environment, config, state: 'active', chainHash: hash, createdAt: now },
  });
  if (sealed === null) return;
  if (isUpstream(target)) await tx.providerSecret.create({ data: { targetId: id, ciphertext: sealed } });
  else await tx.sealed.create({ data: { ownerId: id, sealed } });
}

/** Replaces the secret and the schema; everything else of the target stays as it was signed. */
async function renewTarget(tx: Tx, { targetId: id, schemaHash }: Renewed, { sealed }: Applied): Promise<void> {
  if (sealed !== null) await tx.providerSecret.update({ where: { targetId: id }, data: { ciphertext: sealed } });
  if (schemaHash === null) return;
  const { config } = await tx.target.findUniqueOrThrow({ where: { id }, select: { config: true } });
  await tx.target.update({ where: { id }, data: { config: { ...(config as Prisma.JsonObject), schemaHash } } });
}

/** Renames a disabled target's row, so that a new target can have its name. The config keeps the old one. */
async function freeName(tx: Tx, name: string): Promise<void> {
  const old = await tx.target.findFirst({ where: { name, state: 'disabled' }, select: { id: true } });
  if (old !== null) await tx.target.update({ where: { id: old.id }, data: { name: `${name} (${old.id.slice(-4)})` } });
}

async function projectRest(tx: Tx, { agent, target, ttlSeconds }: Rests, chainHash: string): Promise<void> {
  const key = { agentId: agent.id, targetId: target.id };
  const terms = { ttlSeconds, chainHash };
  await tx.restAllowance.upsert({ where: { agentId_targetId: key }, create: { ...key, ...terms }, update: terms });
}
