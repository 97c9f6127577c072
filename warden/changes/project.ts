import type { Authority } from '#lib/authority';
import { classOf } from '#lib/authority';
import type { Prisma, Tx } from '#lib/db';
import type { ChainStatement, KeyFacts } from '#lib/statement';
import { isUpstream } from '#lib/targets';
import { projectAgent, refuseDeleted, refuseNameTaken } from './agents';

/** A signed change with the hash of its entry. */
interface Applied {
  readonly statement: ChainStatement;
  readonly hash: string;
  readonly sealed: string | null;
  readonly now: Date;
  /** As it was before. */
  readonly authority: Authority;
}

/**
 * Writes a change into the tables that the console reads. The warden goes by the
 * chain and compares them with it. Rows that web may hold locked are not written
 * here, but for that of an agent which is turned on: they follow (`follow.ts`).
 */
export async function project(tx: Tx, applied: Applied): Promise<void> {
  const { statement, now, authority } = applied;
  switch (statement.kind) {
    case 'human.admit':
      await tx.human.update({ where: { id: statement.human.id }, data: { ...statement.human, state: 'active' } });
      await projectKey(tx, statement.human.id, statement.enrolled);
      await tx.sealed.deleteMany({ where: { ownerId: statement.enrolled.id } });
      return;
    case 'human.role':
      await tx.human.update({ where: { id: statement.human.id }, data: { role: statement.human.role } });
      return;
    case 'human.disable':
      await tx.human.update({ where: { id: statement.human.id }, data: { state: 'disabled', signedOutAt: now } });
      return;
    case 'key.enroll':
      return projectKey(tx, statement.human.id, statement.enrolled);
    case 'key.disable':
      // A recovery code has no row, and nobody is signed in with it.
      if (!authority.keys.has(statement.disabled.id)) return;
      return stopKey(tx, now, { keyId: statement.disabled.id, humanId: statement.human.id });
    case 'target.add':
      if (statement.agent) await projectAgent(tx, authority, statement.agent, now);
      return projectTarget(tx, statement, applied);
    case 'target.renew':
      return renewTarget(tx, statement, applied);
    case 'target.disable':
      await tx.target.update({ where: { id: statement.targetId }, data: { state: 'disabled' } });
      return;
    case 'agent.register':
      return projectAgent(tx, authority, statement.agent, now);
    case 'agent.rotate':
      return refuseDeleted(tx, statement.agent.id);
    case 'agent.change':
      await refuseDeleted(tx, statement.agent.id);
      return refuseNameTaken(tx, authority, statement.agent);
    case 'agent.enable':
      await refuseDeleted(tx, statement.agent.id);
      await tx.agent.updateMany({ where: { id: statement.agent.id }, data: { state: 'active' } });
      return;
    case 'freeze.thaw':
      await tx.freeze.updateMany({ where: { id: statement.freezeId }, data: { thawedAt: now } });
      return;
    case 'gateway.replace':
    case 'keys.accept':
    case 'rest.allow':
    case 'rest.stop':
      return;
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

/** A key that counts no more. Its person is signed out (T66). */
export async function stopKey(
  tx: Tx,
  now: Date,
  { keyId, humanId }: { readonly keyId: string; readonly humanId: string },
): Promise<void> {
  // A row that somebody took away keeps no key counting.
  await tx.key.updateMany({ where: { id: keyId }, data: { state: 'disabled' } });
  await tx.human.updateMany({ where: { id: humanId }, data: { signedOutAt: now } });
}

type Added = Extract<ChainStatement, { kind: 'target.add' }>;
type Renewed = Extract<ChainStatement, { kind: 'target.renew' }>;

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
