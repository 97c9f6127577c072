import type { Authority, SignedTarget } from '#lib/authority';
import { Prisma, type Tx } from '#lib/db';
import { isUpstream } from '#lib/targets';
import { isDeleted, isOff } from '#warden/authority';
import type { Vault } from '#warden/vault';
import { agentRow } from './agents';

/*
 * The rows that the console reads, from nothing but the chain and the warden's own
 * files: for a database that was put back in time. A name or an address that an
 * older row has and a newer one needs is taken from the older one.
 */

/** People, keys and targets: rows that web cannot hold locked. Everybody is signed out, since what ended a session may be lost. */
export async function rebuildSigned(
  tx: Tx,
  now: Date,
  { ciphertexts }: Pick<Vault, 'ciphertexts'>,
  { humans, keys, targets }: Authority,
): Promise<void> {
  const emails = [...humans.values()].map(({ email }) => email);
  await setAside(tx, 'humans', 'email', emails, [...humans.keys()]);
  for (const { id, name, email, role, active } of humans.values()) {
    const row = { name, email, role, state: active ? 'active' : 'disabled', signedOutAt: now };
    await tx.human.upsert({ where: { id }, create: { id, ...row, createdAt: now }, update: row });
  }
  await tx.human.updateMany({ data: { signedOutAt: now } });
  const credentials = [...keys.values()].map(({ credentialId }) => credentialId);
  await setAside(tx, 'keys', 'credential_id', credentials, [...keys.keys()]);
  for (const { id, humanId, credentialId, publicKey, class: kind, aaguid, label, active } of keys.values()) {
    const row = { humanId, credentialId, publicKey, class: kind, aaguid, label, state: active ? 'active' : 'disabled' };
    await tx.key.upsert({ where: { id }, create: { id, ...row, transports: [], createdAt: now }, update: row });
  }
  const active = [...targets.values()].filter((target) => target.active);
  await setAside(
    tx,
    'targets',
    'name',
    active.map(({ config }) => config.name),
    active.map(({ id }) => id),
  );
  for (const target of targets.values()) await rebuildTarget(tx, now, target, ciphertexts.get(target.secretDigest));
}

async function rebuildTarget(
  tx: Tx,
  now: Date,
  { id, config: signed, chainHash, active }: SignedTarget,
  sealed: string | undefined,
): Promise<void> {
  const { name, kind, environment } = signed;
  const config = signed as unknown as Prisma.InputJsonObject;
  const row = { kind, environment, config, chainHash, state: active ? 'active' : 'disabled' };
  const create = { id, ...row, name: active ? name : `${name} (${id.slice(-4)})`, createdAt: now };
  await tx.target.upsert({ where: { id }, create, update: active ? { ...row, name } : row });
  if (sealed === undefined || !active) return;
  if (isUpstream(signed)) {
    const secret = { ciphertext: sealed };
    await tx.providerSecret.upsert({ where: { targetId: id }, create: { targetId: id, ...secret }, update: secret });
  } else await tx.sealed.upsert({ where: { ownerId: id }, create: { ownerId: id, sealed }, update: { sealed } });
}

/** Agents, and what they may read at rest: rows that web may hold locked. Throws `unavailable` while it does. */
export async function rebuildAgents(
  tx: Tx,
  now: Date,
  vault: Pick<Vault, 'agentsOff'>,
  { agents, rests }: Authority,
): Promise<void> {
  const left = [...agents.values()].filter((agent) => !isDeleted(vault, agent));
  await tx.agent.updateMany({
    where: { id: { in: [...agents.values()].filter((agent) => isDeleted(vault, agent)).map(({ id }) => id) } },
    data: { state: 'deleted' },
  });
  // For a moment nobody has a name: two may have taken each other's since.
  await tx.$executeRaw`UPDATE agents SET name = id WHERE state <> 'deleted'`;
  for (const agent of left) {
    const row = { ...agentRow(agent), state: isOff(vault, agent) ? 'disabled' : 'active' };
    const create = { id: agent.id, description: '', ...row, createdAt: now };
    await tx.agent.upsert({ where: { id: agent.id }, create, update: row });
  }
  await tx.restAllowance.deleteMany({});
  const allowed = [...rests.values()].map(({ agentId, targetId, ttlSeconds, chainHash }) => ({
    ...{ agentId, targetId, ttlSeconds, chainHash, createdAt: now },
  }));
  await tx.restAllowance.createMany({ data: allowed });
}

/** Gives free what rows have that others need: `column` of every row with one of these values, and of these rows themselves. */
async function setAside(
  tx: Tx,
  table: 'humans' | 'keys' | 'targets',
  column: 'email' | 'credential_id' | 'name',
  values: readonly string[],
  ids: readonly string[],
): Promise<void> {
  await tx.$executeRaw`UPDATE ${Prisma.raw(table)} SET ${Prisma.raw(column)} = id
    WHERE ${Prisma.raw(column)} = ANY (${values}) OR id = ANY (${ids})`;
}
