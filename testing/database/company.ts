import pg from 'pg';
import { addSeconds, newId } from '#lib/core';
import type { PostgresConfig } from '#lib/targets';
import type { MintLimits, Prepared, Target } from '#warden/targets';
import { createPools, postgresTarget, type SqlTarget } from '../../warden/targets/postgres';
import { brokerScript } from '../../warden/targets/postgres/inspect/broker-script';
import { adminUrl } from './database';

const TABLES = `
CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL, card text);
CREATE TABLE bookings (id bigserial PRIMARY KEY, customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE, nights int NOT NULL DEFAULT 1);
CREATE TABLE payments (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, booking_id bigint REFERENCES bookings ON DELETE CASCADE, cents int);
CREATE TABLE notes (id int PRIMARY KEY, booking_id bigint REFERENCES bookings ON DELETE SET NULL);
CREATE TABLE audit (what text);
CREATE VIEW guests AS SELECT id, name FROM customers;
INSERT INTO customers (name, card) SELECT 'guest ' || i, '4000 ' || i FROM generate_series(1, 20) i;
INSERT INTO bookings (customer_id, nights) SELECT i % 20 + 1, i % 7 + 1 FROM generate_series(1, 1200) i;
INSERT INTO payments (booking_id, cents) SELECT i, i * 100 FROM generate_series(1, 1200) i;
INSERT INTO notes SELECT i, i FROM generate_series(1, 10) i;
ANALYZE;`;

export interface Fixture {
  readonly config: PostgresConfig;
  readonly secret: string;
  readonly target: SqlTarget;
  readonly admin: pg.Client;
  /** A target over the same database with other settings. */
  variant(change: Partial<PostgresConfig>): Target;
  /** A minted credential, and a connection as it. */
  grant(resources: readonly string[], verbs: readonly string[], ttlSeconds?: number): Promise<Granted>;
  login(prepared: Prepared, database?: string): Promise<pg.Client>;
  /** A superuser in another database of the same server. */
  root(database?: string): Promise<pg.Client>;
  close(): Promise<void>;
}

interface Granted {
  readonly prepared: Prepared;
  readonly limits: MintLimits;
}

export const limitsFor = (
  grantId: string,
  resources: readonly string[],
  verbs: readonly string[],
  ttlSeconds = 600,
): MintLimits => {
  const mintedAt = new Date();
  return {
    grantId,
    targetId: newId('tgt'),
    resources,
    verbs,
    mintedAt,
    expiresAt: addSeconds(mintedAt, ttlSeconds),
    comment: `countersign ${grantId} sha256:abc`,
    agent: { id: newId('agt'), tokenHash: 'hash', keyThumbprint: null },
    maxUses: null,
  };
};

export async function connect(
  url: string | URL,
  login?: { readonly user: string; readonly password: string },
): Promise<pg.Client> {
  const target = new URL(url);
  if (login !== undefined) [target.username, target.password] = [login.user, login.password];
  const client = new pg.Client({ connectionString: target.href });
  // Tests cut sessions on purpose.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const inDatabase = (url: string, database: string): URL => new URL(`/${database}`, url);

/** A database of its own with a small booking company and a broker made by our own script. `serverUrl`: a superuser's. */
export async function bookingCompany(serverUrl: string = adminUrl(), extraSql = ''): Promise<Fixture> {
  const name = newId('tgt');
  const root = await connect(serverUrl);
  await root.query(`CREATE DATABASE "${name}"`);
  const url = inDatabase(serverUrl, name);
  const admin = await connect(url);
  await admin.query(TABLES + extraSql);
  const config: PostgresConfig = {
    kind: 'postgres',
    name: 'company',
    environment: 'production',
    soleOwnerMayApprove: true,
    maxTtlSeconds: 3600,
    host: url.hostname,
    port: Number(url.port),
    database: name,
    user: `broker_${name}`,
    tls: 'disable',
    schemas: ['public'],
    restReads: ['schema/public'],
    countRows: true,
  };
  const secret = 'broker-secret-canary';
  await admin.query(`${brokerScript(config, ['postgres'])}; ALTER ROLE "${config.user}" PASSWORD '${secret}'`);
  const pools = createPools();
  const target = postgresTarget(pools, config, secret);
  return {
    config,
    secret,
    target,
    admin,
    variant: (change) => postgresTarget(pools, { ...config, ...change }, secret),
    async grant(resources, verbs, ttlSeconds) {
      const grantId = newId('grn');
      const granted = { prepared: target.prepare(grantId), limits: limitsFor(grantId, resources, verbs, ttlSeconds) };
      await target.mint(granted.prepared, granted.limits);
      return granted;
    },
    login: (prepared, database = name) =>
      connect(inDatabase(serverUrl, database), { user: prepared.reference, password: prepared.secret }),
    root: (database = 'postgres') => connect(inDatabase(serverUrl, database)),
    async close() {
      for (const role of await target.orphans().catch(() => [])) await target.end(role).catch(() => undefined);
      await pools.close();
      await admin.end();
      await root.query(`DROP DATABASE "${name}" WITH (FORCE)`);
      await root.query(`DROP ROLE IF EXISTS "broker_${name}"`);
      await root.end();
    },
  };
}
