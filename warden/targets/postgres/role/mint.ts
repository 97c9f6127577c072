import { setTimeout as sleep } from 'node:timers/promises';
import { addSeconds, refuse } from '#lib/core';
import type { PostgresConfig } from '#lib/targets';
import type { Delivery, MintLimits, Prepared } from '../../driver';
import { ownRole } from '../catalog/quote';
import { type Resolved, resolve } from '../catalog/tables';
import { type Broker, type Client, runAll } from '../connection/connection';
import { codeOf } from '../connection/errors';
import { LOCK_WAIT, unlessLocked } from './locks';
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
  const begunMs = performance.now();
  const verifier = scramVerifier(prepared.secret);
  const made = await patiently(() =>
    broker.change(async (client) => {
      const resolved = await resolve(client, broker.config, limits);
      return makeRole(
        client,
        broker.config,
        resolved,
        wishOf(prepared, limits, performance.now() - begunMs),
        await verifier,
      );
    }),
  );
  if (!made) refuse('target_refused', 'Somebody holds a table locked that this grant is for.');
  return delivery(broker.config, prepared, limits.expiresAt);
}

/** What is left of its time when the role is made, however long that was waited for. */
function wishOf(prepared: Prepared, limits: MintLimits, waitedMs: number): RoleWish {
  const lifeMs = Math.floor(limits.expiresAt.getTime() - limits.mintedAt.getTime() - waitedMs);
  if (lifeMs <= 0) refuse('gone', 'The grant is over.');
  const { verbs, expiresAt, comment } = limits;
  return { prepared, verbs, lifeMs, expiresAt, connectionLimit: CONNECTION_LIMIT, comment };
}

const SHUT = `
SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.relation = ANY ($1::oid[])
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) LIMIT 1`;

/** GRANT waits for whoever has a table for themselves: then nothing is begun, and nothing used up (P8, T83). */
export async function ready(broker: Broker, resources: readonly string[]): Promise<void> {
  const shut = await broker.run(async (client) => {
    const { tables } = await resolve(client, broker.config, { resources, verbs: [] });
    const { rows } = await client.query<{ name: string }>(SHUT, [tables.map(({ oid }) => oid)]);
    return rows[0]?.name ?? null;
  });
  if (shut !== null) refuseShut(shut);
}

const refuseShut = (name: string): never =>
  refuse(
    'unavailable',
    `Somebody holds ${name} locked, so no right to it can be given now. Nothing was used up: try again.`,
    {
      retryAfterSeconds: 5,
    },
  );

/** The role with exactly these rights, or nothing: one transaction, read back before it commits. False where somebody's lock stood in the way. */
export async function makeRole(
  client: Client,
  config: PostgresConfig,
  resolved: Resolved,
  wish: RoleWish,
  verifier: string,
): Promise<boolean> {
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
  if (
    !(await unlessLocked(client, () => runAll(client, ['BEGIN', LOCK_WAIT, ...mintStatements(plan)]).catch(onceOnly)))
  )
    return false;
  await checkRights(client, plan, config.name);
  await client.query('COMMIT');
  return true;
}

const PATIENCE_MS = 12_000;
const PAUSE_MS = 250;

/** Again and again, and not in the way of others' changes meanwhile: who holds a lock lets go of it, or stops everybody. */
async function patiently(attempt: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await attempt())) {
    if (performance.now() > until) return false;
    await sleep(PAUSE_MS);
  }
  return true;
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
