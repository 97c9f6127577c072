import { addSeconds, refuse } from '#lib/core';
import type { PostgresConfig } from '#lib/targets';
import type { Delivery, MintLimits, Prepared } from '../../driver';
import { ownRole } from '../catalog/quote';
import { type Resolved, resolve } from '../catalog/tables';
import { type Broker, type Client, runAll } from '../connection/connection';
import { codeOf } from '../connection/errors';
import { mintStatements, type RolePlan } from './rights';
import { scramVerifier } from './scram';
import { checkRights } from './verify';

const CONNECTION_LIMIT = 5;
const TOLERATED_SKEW_MS = 2_000;

/** What a role is made from, whether for a grant or for a preview. */
interface RoleWish {
  readonly prepared: Prepared;
  readonly verbs: readonly string[];
  readonly lifeMs: number;
  /** The end by our clock; null: only the length counts. */
  readonly expiresAt: Date | null;
  readonly connectionLimit: number;
  readonly comment: string;
}

export async function mint(broker: Broker, prepared: Prepared, limits: MintLimits): Promise<Delivery> {
  const lifeMs = limits.expiresAt.getTime() - limits.mintedAt.getTime();
  if (lifeMs <= 0) refuse('gone', 'The grant is over.');
  const wish = {
    prepared,
    verbs: limits.verbs,
    lifeMs,
    expiresAt: limits.expiresAt,
    connectionLimit: CONNECTION_LIMIT,
    comment: limits.comment,
  };
  const verifier = scramVerifier(prepared.secret);
  await broker.change(async (client) => {
    const resolved = await resolve(client, broker.config, limits);
    await makeRole(client, broker.config, resolved, wish, await verifier);
  });
  return delivery(broker.config, prepared, limits.expiresAt);
}

/** The role with exactly these rights, or nothing: one transaction, read back before it commits. */
export async function makeRole(
  client: Client,
  config: PostgresConfig,
  resolved: Resolved,
  wish: RoleWish,
  verifier: string,
): Promise<void> {
  const plan: RolePlan = {
    role: ownRole(wish.prepared.reference),
    verifier,
    validUntil: validUntil(resolved.now, wish),
    database: config.database,
    tables: resolved.tables,
    sequences: resolved.sequences,
    verbs: wish.verbs,
    connectionLimit: wish.connectionLimit,
    timeoutMs: wish.lifeMs,
    comment: wish.comment,
  };
  await runAll(client, ['BEGIN', ...mintStatements(plan)]).catch(onceOnly);
  await checkRights(client, plan, config.name);
  await client.query('COMMIT');
}

/** The target checks VALID UNTIL by its own clock: where that is wrong, the length of the grant is kept. */
function validUntil(targetNow: Date, wish: RoleWish): Date {
  const byTarget = addSeconds(targetNow, wish.lifeMs / 1000);
  if (wish.expiresAt === null) return byTarget;
  return Math.abs(byTarget.getTime() - wish.expiresAt.getTime()) <= TOLERATED_SKEW_MS ? wish.expiresAt : byTarget;
}

function onceOnly(error: unknown): never {
  if (codeOf(error) === '42710') refuse('conflict', 'This credential was minted already.', { cause: error });
  throw error;
}

function delivery(config: PostgresConfig, { reference, secret }: Prepared, expiresAt: Date): Delivery {
  const { host, port, database, tls } = config;
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database)}`;
  const url = `postgresql://${reference}:${encodeURIComponent(secret)}@${place}?sslmode=${tls}`;
  return { kind: 'postgres', host, port, database, user: reference, password: secret, url, expiresAt };
}
