import { checkServerIdentity } from 'node:tls';
import pg, { type ClientConfig, type PoolClient, type QueryResult, type QueryResultRow } from 'pg';
import { DomainError, sha256Base64url } from '#lib/core';
import type { PostgresConfig } from '#lib/targets';
import { createSqlParser, type SqlParser } from '../statement/parser';
import { ScramClient } from './client';
import { targetError } from './errors';
import { repeating, serialized } from './queue';

/** Few on purpose: a warden that is busy must not eat a target's connections. */
const POOL_SIZE = 2;
const CONNECT_TIMEOUT_MS = 5_000;
/** search_path holds nothing a stranger may create in, so that no name here means something else (T41). */
const BROKER_OPTIONS =
  '-c search_path=pg_catalog,pg_temp -c jit=off -c statement_timeout=15s -c lock_timeout=5s -c standard_conforming_strings=on';

/** A stranger's SQL means to the server what it meant to the grammar that read it: a backslash in a string is one. */
const STRANGERS_OPTIONS = '-c standard_conforming_strings=on';

/** Longer than any statement of the broker's. */
const BROKER_LASTS_MS = 20_000;

export type Client = pg.ClientBase;

interface Login {
  readonly user: string;
  readonly password: string;
  readonly database?: string;
  /** The longest the connection may last: a silent network must not hold us. */
  readonly lastsMs?: number;
  readonly options?: string;
  /** The most that the server may answer to a stranger's SQL: the driver keeps a whole row, and Node's texts end at half a gigabyte. */
  readonly maxBytes?: number;
}

/** The broker's connections to one database, opened when needed. */
export interface Broker {
  readonly config: PostgresConfig;
  /**
   * Runs with one connection; drivers' errors come out as DomainErrors. A
   * connection that saw an error is thrown away. `work` runs again where the
   * server says that it met another change and did nothing.
   */
  run<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** The same, one at a time: for changes of access lists, which would only trip over each other. */
  change<T>(work: (client: Client) => Promise<T>): Promise<T>;
  /** The same in another database of the same server. */
  elsewhere<T>(database: string, work: (client: Client) => Promise<T>): Promise<T>;
  readonly secret: string;
}

export interface Pools {
  /** Reads strangers' SQL. */
  readonly parser: SqlParser;
  broker(config: PostgresConfig, secret: string): Broker;
  close(): Promise<void>;
}

/** `require` encrypts without knowing to whom, as libpq does; `verify-full` checks name and chain. */
function tlsOf(config: PostgresConfig): ClientConfig['ssl'] {
  if (config.tls === 'disable') return false;
  if (config.tls === 'require') return { rejectUnauthorized: false };
  return {
    rejectUnauthorized: true,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(config.host, certificate),
  };
}

function clientConfig(config: PostgresConfig, login: Login): ClientConfig {
  return {
    host: config.host,
    port: config.port,
    database: login.database ?? config.database,
    user: login.user,
    password: login.password,
    ssl: tlsOf(config),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'countersign',
    ...(login.options === undefined ? {} : { options: login.options }),
  };
}

/** One connection as somebody, closed afterwards. Errors come out as the driver made them. */
export async function connectAs<T>(
  config: PostgresConfig,
  login: Login,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new ScramClient(clientConfig(config, { options: STRANGERS_OPTIONS, ...login }));
  // A session that is cut while idle must not take the process with it.
  client.on('error', () => undefined);
  // With a query running, end() cuts the connection. (The driver's query_timeout would collect every row.)
  const watchdog = setTimeout(() => void client.end().catch(() => undefined), login.lastsMs ?? BROKER_LASTS_MS);
  try {
    await client.connect();
    return await (login.maxBytes === undefined ? work(client) : withinBytes(client, login.maxBytes, work));
  } finally {
    clearTimeout(watchdog);
    await client.end().catch(() => undefined);
  }
}

async function withinBytes<T>(client: ScramClient, maxBytes: number, work: (client: Client) => Promise<T>): Promise<T> {
  const { stream } = client.connection;
  let seen = 0;
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > maxBytes) stream.destroy(tooLarge(maxBytes));
  });
  try {
    return await work(client);
  } catch (error) {
    // Ours say more: what became of a COMMIT.
    throw seen > maxBytes && !(error instanceof DomainError) ? tooLarge(maxBytes) : error;
  }
}

const tooLarge = (maxBytes: number): DomainError =>
  new DomainError(
    'target_refused',
    `The database answered with more than ${maxBytes / 1_048_576} MiB, so it was cut off.`,
  );

/** Several statements in one round trip. The simple protocol: never for a stranger's SQL. */
export async function runAll(client: Client, statements: readonly string[]): Promise<QueryResult<QueryResultRow>[]> {
  const results: unknown = await client.query(statements.join(';\n'));
  return (Array.isArray(results) ? results : [results]) as QueryResult<QueryResultRow>[];
}

function newPool(config: PostgresConfig, secret: string): pg.Pool {
  const pool = new pg.Pool({
    Client: ScramClient,
    ...clientConfig(config, { user: config.user, password: secret, options: BROKER_OPTIONS }),
    query_timeout: BROKER_LASTS_MS,
    max: POOL_SIZE,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  });
  pool.on('error', () => undefined);
  return pool;
}

async function withPooled<T>(pool: pg.Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client: PoolClient = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

function newBroker(config: PostgresConfig, secret: string, pool: pg.Pool): Broker {
  const turn = serialized();
  const mapped = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw targetError(error, config, [secret]);
    });
  return {
    config,
    secret,
    run: (work) => mapped(repeating(() => withPooled(pool, work))),
    change: (work) => mapped(turn(() => repeating(() => withPooled(pool, work)))),
    elsewhere: (database, work) =>
      mapped(connectAs(config, { user: config.user, password: secret, database, options: BROKER_OPTIONS }, work)),
  };
}

/** Brokers by target and secret: a changed secret gets connections of its own. */
export function createPools(): Pools {
  const open = new Map<string, { broker: Broker; pool: pg.Pool }>();
  const parser = createSqlParser();
  return {
    parser,
    broker(config, secret) {
      const id = sha256Base64url(
        JSON.stringify([config.name, config.host, config.port, config.database, config.user, config.tls, secret]),
      );
      const known = open.get(id);
      if (known !== undefined) return { ...known.broker, config };
      const pool = newPool(config, secret);
      const broker = newBroker(config, secret, pool);
      open.set(id, { broker, pool });
      return broker;
    },
    async close() {
      const pools = [...open.values()].map(({ pool }) => pool.end());
      open.clear();
      await Promise.all([...pools, parser.close()]);
    },
  };
}
