import type { GraphQLSchema } from 'graphql';
import { loadSchema } from '#gateway/classify';
import type { Upstream, Upstreams } from '#gateway/upstream';
import type { SignedTarget } from '#lib/authority';
import { refuse, sha256Base64url } from '#lib/core';
import type { Db } from '#lib/db';
import { isUpstream } from '#lib/targets';
import type { Alarms } from '#warden/alarms';
import type { Vault } from '#warden/vault';
import type { Target } from './driver';
import type { Targets } from './registry';

/** What opening a target takes. */
interface Opening {
  readonly db: Db;
  readonly vault: Vault;
  readonly alarms: Alarms;
  readonly targets: Targets;
  readonly upstreams: Upstreams;
}

/**
 * The target as an owner signed it, opened with the secret whose ciphertext they
 * signed and judged by the schema whose hash they signed. Throws
 * `minting_stopped`, with an alarm, where the database holds another than that:
 * it would send our word to a stranger's server, or read it by a stranger's rules.
 */
export async function openTarget(warden: Opening, signed: SignedTarget): Promise<Target> {
  const { targets } = warden;
  if (signed.config.kind === 'token') return targets.open(signed.config, '');
  const [secret, schema] = await Promise.all([openSecret(warden, signed), signedSchema(warden, signed)]);
  return targets.open(signed.config, secret, schema);
}

/** The way to the provider of a target behind the gateway, and what its operations are judged by; opened as `openTarget` does. */
export async function openUpstream(
  warden: Opening,
  signed: SignedTarget,
): Promise<{ readonly upstream: Upstream; readonly schema: GraphQLSchema | null }> {
  const { config } = signed;
  if (!isUpstream(config)) return refuse('not_found', 'This target is not behind the gateway.');
  const [secret, schema] = await Promise.all([openSecret(warden, signed), signedSchema(warden, signed)]);
  return { upstream: warden.upstreams.open(config, secret), schema };
}

/** The secret whose ciphertext was signed. Throws as `openTarget` does. */
export async function openSecret(
  { db, vault, alarms }: Opening,
  { id, config, secretDigest }: SignedTarget,
): Promise<string> {
  const row = await db.sealed.findUnique({ where: { ownerId: id } });
  if (row !== null && sha256Base64url(row.sealed) === secretDigest) return vault.open(id, row.sealed);
  alarms.raise(
    'tampering',
    `The stored secret of target ${config.name} is not the one that was signed for. It is not used: add the target again.`,
  );
  return refuse(
    'minting_stopped',
    'The secret of this target was changed. Nothing is minted there until an owner has looked.',
  );
}

/** Building one of Railway's size takes a quarter of a second: the last few are kept, by their hash. */
const MOST_KEPT = 16;
const kept = new Map<string, GraphQLSchema>();

/**
 * The schema that a graphql target's operations are judged by, as its hash was
 * signed; null for every other kind. Throws `minting_stopped`, with an alarm,
 * where the stored one is missing or another.
 */
async function signedSchema(warden: Opening, { config }: SignedTarget): Promise<GraphQLSchema | null> {
  if (config.kind !== 'graphql') return null;
  const { schemaHash: hash } = config;
  const schema = kept.get(hash) ?? (await load(warden, config.name, hash));
  kept.delete(hash);
  kept.set(hash, schema);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return schema;
}

async function load({ db, alarms }: Opening, name: string, hash: string): Promise<GraphQLSchema> {
  const row = await db.targetSchema.findUnique({ where: { hash } });
  if (row !== null && sha256Base64url(row.sdl) === hash) return loadSchema(row.sdl);
  alarms.raise(
    'tampering',
    `The stored schema of target ${name} is ${row === null ? 'gone' : 'not the one that was signed for'}. Nothing is judged by another: take the schema anew.`,
  );
  return refuse(
    'minting_stopped',
    'The schema of this target was changed. Nothing passes there until an owner has looked.',
  );
}
