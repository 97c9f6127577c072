import { type Layout, putFile, type Secrets } from '#scripts/folder';
import type { Owner } from '#scripts/machine';
import {
  migrate,
  type Passwords,
  pendingMigrations,
  prepareDatabase,
  roleUrls,
  startCluster,
  withClient,
} from '#scripts/postgres';
import { type ClusterKeeper, keepCluster } from '#scripts/supervision';
import { createSampleDatabase } from '../sample.mjs';
import type { ProcessUrls } from './settings';

export const MIGRATIONS = 'prisma/migrations';
export const DATABASE = 'countersign';

export interface Database {
  readonly urls: ProcessUrls;
  /** The embedded server; null with an external one. */
  readonly embedded: {
    readonly urls: Passwords;
    adminUrl(database?: string): string;
    readonly keeper: ClusterKeeper;
  } | null;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly layout: Layout;
  readonly port: number;
  /** The warden's user, who is told how to reach the sample database. */
  readonly owner: Owner | null;
  say(line: string): void;
  readonly throwaway: boolean;
}

/** The embedded server, migrated, with the sample database, and started again whenever it dies. */
export async function openEmbedded(
  { layout, port, owner, say, throwaway }: EmbeddedOptions,
  secrets: Secrets,
): Promise<Database> {
  const options = {
    dataDir: layout.postgres,
    port,
    password: secrets.admin,
    logFile: layout.postgresLog,
    throwaway,
    say,
  };
  const keeper = await keepCluster(() => startCluster(options), say);
  const adminUrl = (database?: string) => keeper.cluster().adminUrl(database);
  const urls = roleUrls(adminUrl(), DATABASE, secrets);
  try {
    await withClient(adminUrl(), (admin) => prepareDatabase(admin, DATABASE, secrets));
    await withClient(urls.owner, (tables) => migrate(tables, MIGRATIONS));
    const text = JSON.stringify(await createSampleDatabase(adminUrl(), { password: secrets.sample }));
    putFile({ workshop: layout.dir, path: layout.warden.sample, text, mode: 0o600, owner });
  } catch (error) {
    await keeper.stop();
    throw error;
  }
  return { urls, embedded: { urls, adminUrl, keeper }, stop: keeper.stop };
}

const SET_UP = 'run npm run db:setup -- <admin URL>';
const PRINTED = `${SET_UP}, and use the URLs it prints`;

/** An existing server: looked at, never changed. Throws one sentence when something is missing. */
export async function openExternal(urls: ProcessUrls): Promise<Database> {
  await looking('WARDEN_DATABASE_URL', urls.warden, async (ask, client) => {
    if (!(await ask("to_regclass('public.sealed') IS NOT NULL")))
      throw new Error(`The database of WARDEN_DATABASE_URL has no Countersign tables: ${SET_UP}.`);
    if (!(await ask("has_table_privilege('sealed', 'SELECT')")))
      throw new Error(`The role of WARDEN_DATABASE_URL may not read the table sealed: ${PRINTED}.`);
    const missing = await pendingMigrations(client, MIGRATIONS);
    if (missing.length > 0) throw new Error(`The database lacks the migration ${missing[0]?.name}: ${SET_UP}.`);
  });
  await looking('DATABASE_URL', urls.web, async (ask) => {
    if (!(await ask("has_table_privilege('tickets', 'INSERT')")))
      throw new Error(`The role of DATABASE_URL may not make tickets: ${PRINTED}.`);
    if (await ask("has_table_privilege('chain', 'INSERT')"))
      throw new Error(
        'The role of DATABASE_URL may write the authority chain, which web must not: use countersign_web, as npm run db:setup prints it.',
      );
  });
  await looking('GATEWAY_DATABASE_URL', urls.gateway, async (ask) => {
    if (!(await ask("has_table_privilege('grant_uses', 'INSERT')")))
      throw new Error(`The role of GATEWAY_DATABASE_URL may not count uses: ${PRINTED}.`);
    if (await ask("has_table_privilege('sealed', 'SELECT') OR has_table_privilege('grants', 'UPDATE')"))
      throw new Error(
        'The role of GATEWAY_DATABASE_URL may read sealed secrets or change grants, which the gateway must not: use countersign_gateway, as npm run db:setup prints it.',
      );
  });
  return { urls, embedded: null, stop: async () => undefined };
}

type Ask = (condition: string) => Promise<boolean>;

async function looking(
  name: string,
  url: string,
  act: (ask: Ask, client: Parameters<typeof migrate>[0]) => Promise<void>,
): Promise<void> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new Error(`${name} is not a PostgreSQL URL: it looks like postgresql://role:password@host:5432/countersign.`);
  }
  let connected = false;
  try {
    await withClient(url, async (client) => {
      connected = true;
      await act(
        async (condition) => (await client.query<{ it: boolean }>(`SELECT ${condition} AS it`)).rows[0]?.it === true,
        client,
      );
    });
  } catch (error) {
    if (connected) throw error;
    throw new Error(`${name} does not lead to a database: ${reasonOf(error)}.`);
  }
}

/** Node reports a refused connection on two addresses as an error without words. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || 'no answer';
}
