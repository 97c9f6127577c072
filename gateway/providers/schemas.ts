import type { GraphQLSchema } from 'graphql';
import { loadSchema } from '#gateway/classify';
import type { AlarmCode } from '#gateway/vault';
import { refuse, sha256Base64url } from '#lib/core';
import type { Hot, Statement } from '#lib/db';
import type { Alarms } from '#lib/process';
import type { UpstreamConfig } from '#lib/targets';

/** Building one of Railway's size takes a quarter of a second: the last few are kept, by their hash. */
const MOST_KEPT = 16;
const kept = new Map<string, GraphQLSchema>();

interface Opening {
  readonly hot: Hot;
  readonly alarms: Alarms<AlarmCode>;
}

/**
 * The schema that a graphql target's operations are classified by, as its hash was
 * signed; null for every other kind. Throws `minting_stopped`, with an alarm,
 * where the stored one is missing or another: operations would be read by a
 * stranger's rules.
 */
export async function signedSchema(opening: Opening, config: UpstreamConfig): Promise<GraphQLSchema | null> {
  if (config.kind !== 'graphql') return null;
  const { schemaHash: hash } = config;
  const schema = kept.get(hash) ?? (await load(opening, config.name, hash));
  kept.delete(hash);
  kept.set(hash, schema);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return schema;
}

const SCHEMA: Statement = { name: 'providers_schema', text: 'SELECT sdl FROM target_schemas WHERE hash = $1' };

async function load({ hot, alarms }: Opening, name: string, hash: string): Promise<GraphQLSchema> {
  const [row] = await hot.rows<{ sdl: string }>(SCHEMA, [hash]);
  if (row !== undefined && sha256Base64url(row.sdl) === hash) return loadSchema(row.sdl);
  alarms.raise(
    'tampering',
    `The stored schema of target ${name} is ${row === undefined ? 'gone' : 'not the one that was signed for'}. Nothing is classified by another: take the schema anew.`,
  );
  return refuse(
    'minting_stopped',
    'The schema of this target was changed. Nothing passes there until an owner has looked.',
  );
}

const KEEP: Statement = {
  name: 'providers_keep_schema',
  text: 'INSERT INTO target_schemas (hash, sdl) VALUES ($1, $2) ON CONFLICT DO NOTHING',
};

/** Stores a provider's schema under its hash, for an owner to sign that. */
export async function keepSchema(
  hot: Hot,
  { hash, sdl }: { readonly hash: string; readonly sdl: string },
): Promise<void> {
  await hot.rows(KEEP, [hash, sdl]);
}
