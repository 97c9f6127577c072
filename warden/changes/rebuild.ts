import type { Authority, SignedAgent, SignedTarget } from '#lib/authority';
import { Prisma, type Tx } from '#lib/db';
import { isUpstream } from '#lib/targets';
import { agentRows, isDeleted, isOff, markOff } from '#warden/authority';
import type { Vault } from '#warden/vault';
import { agentRow } from './agents';

/*
 * The rows that the console reads, from nothing but the chain and the warden's own
 * files: for a database that was put back in time. A name or an address that an
 * older row has and a newer one needs is taken from the older one.
 */

/** People, keys and targets. Whoever signed in before `since` is signed out: what ended a session may be lost. */
export async function rebuildSigned(
  tx: Tx,
  now: Date,
  { ciphertexts }: Pick<Vault, 'ciphertexts'>,
  { humans, keys, targets }: Authority,
  since: Date,
): Promise<void> {
  await setAside(
    tx,
    'humans',
    'email',
    [...humans.values()].map(({ id, email }) => [id, email]),
  );
  for (const { id, name, email, role, active } of humans.values()) {
    const row = { name, email, role, state: active ? 'active' : 'disabled' };
    await tx.human.upsert({ where: { id }, create: { id, ...row, createdAt: now }, update: row });
  }
  await tx.$executeRaw`UPDATE humans SET signed_out_at = ${since} WHERE signed_out_at IS NULL OR signed_out_at < ${since}`;
  await setAside(
    tx,
    'keys',
    'credential_id',
    [...keys.values()].map(({ id, credentialId }) => [id, credentialId]),
  );
  for (const { id, humanId, credentialId, publicKey, class: kind, aaguid, label, active } of keys.values()) {
    const row = { humanId, credentialId, publicKey, class: kind, aaguid, label, state: active ? 'active' : 'disabled' };
    await tx.key.upsert({ where: { id }, create: { id, ...row, transports: [], createdAt: now }, update: row });
  }
  const active = [...targets.values()].filter((target) => target.active);
  await setAside(
    tx,
    'targets',
    'name',
    active.map(({ id, config }) => [id, config.name]),
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

/** Gives free what other rows have and these need, and what these have of each other. Rows that have their own stay untouched. */
async function setAside(
  tx: Tx,
  table: 'humans' | 'keys' | 'targets',
  column: 'email' | 'credential_id' | 'name',
  wanted: ReadonlyArray<readonly [id: string, value: string]>,
): Promise<void> {
  const [rows, of] = [Prisma.raw(table), Prisma.raw(column)];
  const [ids, values] = [wanted.map(([id]) => id), wanted.map(([, value]) => value)];
  await tx.$executeRaw`UPDATE ${rows} t SET ${of} = t.id FROM unnest(${ids}::text[], ${values}::text[]) AS w (id, value)
    WHERE (t.id = w.id) <> (t.${of} = w.value)`;
}

/**
 * Agents, and what they may read at rest: rows that web may hold locked. A row that
 * says off is believed as ever. One that is missing is there again where the database
 * lacked the entry that let its agent in (`since`); else somebody took it away, and the agent stays off.
 */
export async function rebuildAgents(
  tx: Tx,
  now: Date,
  vault: Pick<Vault, 'agentsOff' | 'chain'>,
  { agents, rests }: Authority,
  since: number | null,
): Promise<void> {
  const missing = since === null ? [] : vault.chain.entries().slice(since - 1);
  const letIn = new Set(missing.map(({ hash }) => hash));
  const rows = await agentRows(tx, agents.values());
  const stateOf = (agent: SignedAgent): string => {
    if (isDeleted(vault, agent)) return 'deleted';
    if (isOff(vault, agent)) return 'disabled';
    return rows.get(agent.id)?.state ?? (letIn.has(agent.chainHash) ? 'active' : 'disabled');
  };
  const wanted = [...agents.values()].map((agent) => ({ agent, state: stateOf(agent) }));
  for (const { agent, state } of wanted) markOff(vault, agent, state);
  // For a moment nobody has a name or a token: two may have taken each other's since.
  await tx.$executeRaw`UPDATE agents SET name = id, token_hash = id, previous_token_hash = NULL`;
  await tx.$executeRaw`
    INSERT INTO agents (id, name, description, owner_id, token_hash, token_hint, public_jwk, token_issued_at, expires_at,
      previous_token_hash, previous_until, state, created_at)
    SELECT r.id, r.name, '', r."ownerId", r."tokenHash", r."tokenHint", r."publicJwk", r."tokenIssuedAt", r."expiresAt",
      r."previousTokenHash", r."previousUntil", r.state, ${now}
    FROM jsonb_to_recordset(${JSON.stringify(wanted.map(asRecord))}::jsonb) AS r (id text, name text, "ownerId" text,
      "tokenHash" text, "tokenHint" text, "publicJwk" jsonb, "tokenIssuedAt" timestamptz, "expiresAt" timestamptz,
      "previousTokenHash" text, "previousUntil" timestamptz, state text)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, owner_id = excluded.owner_id, token_hash = excluded.token_hash,
      token_hint = excluded.token_hint, public_jwk = excluded.public_jwk, token_issued_at = excluded.token_issued_at,
      expires_at = excluded.expires_at, previous_token_hash = excluded.previous_token_hash,
      previous_until = excluded.previous_until, state = excluded.state`;
  await tx.restAllowance.deleteMany({});
  const allowed = [...rests.values()].map(({ agentId, targetId, ttlSeconds, chainHash }) => ({
    ...{ agentId, targetId, ttlSeconds, chainHash, createdAt: now },
  }));
  await tx.restAllowance.createMany({ data: allowed });
}

const asRecord = ({ agent, state }: { readonly agent: SignedAgent; readonly state: string }) => ({
  ...agentRow(agent),
  ...{ id: agent.id, publicJwk: agent.publicJwk, state },
});
