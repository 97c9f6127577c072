import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  migrate,
  type Passwords,
  pendingMigrations,
  prepareDatabase,
  roleUrls,
  startCluster,
  withClient,
} from '#scripts/postgres';
import { createSampleDatabase } from '../sample.mjs';
import { type ClusterKeeper, keepCluster } from './keeper';
import { type Secrets, sampleFile, writePrivate } from './secrets';
import type { Settings } from './settings';

export const MIGRATIONS = 'prisma/migrations';
const DATABASE = 'countersign';

export interface Database {
  readonly urls: Pick<Passwords, 'web' | 'warden'>;
  /** The embedded server; null with an external one. */
  readonly embedded: {
    readonly urls: Passwords;
    adminUrl(database?: string): string;
    readonly keeper: ClusterKeeper;
  } | null;
  stop(): Promise<void>;
}

/** The embedded server, migrated, with the sample database, and started again whenever it dies. */
export async function openEmbedded(
  settings: Settings,
  secrets: Secrets,
  say: (line: string) => void,
  throwaway: boolean,
): Promise<Database> {
  mkdirSync(join(settings.dir, 'log'), { recursive: true, mode: 0o700 });
  const options = {
    dataDir: join(settings.dir, 'postgres'),
    port: settings.ports.postgres,
    password: secrets.admin,
    logFile: join(settings.dir, 'log/postgres.log'),
    throwaway,
  };
  const keeper = await keepCluster(() => startCluster(options), say);
  const adminUrl = (database?: string) => keeper.cluster().adminUrl(database);
  const urls = roleUrls(adminUrl(), DATABASE, secrets);
  try {
    await withClient(adminUrl(), (admin) => prepareDatabase(admin, DATABASE, secrets));
    await withClient(urls.owner, (owner) => migrate(owner, MIGRATIONS));
    writePrivate(
      sampleFile(settings.dir),
      JSON.stringify(await createSampleDatabase(adminUrl(), { password: secrets.sample })),
    );
  } catch (error) {
    await keeper.stop();
    throw error;
  }
  return { urls, embedded: { urls, adminUrl, keeper }, stop: keeper.stop };
}

/** An existing server: looked at, never changed. Throws one sentence when something is missing. */
export async function openExternal(urls: { readonly web: string; readonly warden: string }): Promise<Database> {
  const setUp = 'run npm run db:setup -- <admin URL>';
  await looking('WARDEN_DATABASE_URL', urls.warden, async (ask, client) => {
    if (!(await ask("to_regclass('public.sealed') IS NOT NULL")))
      throw new Error(`The database of WARDEN_DATABASE_URL has no Countersign tables: ${setUp}.`);
    if (!(await ask("has_table_privilege('sealed', 'SELECT')")))
      throw new Error(
        `The role of WARDEN_DATABASE_URL may not read the table sealed: ${setUp}, and use the URLs it prints.`,
      );
    const missing = await pendingMigrations(client, MIGRATIONS);
    if (missing.length > 0) throw new Error(`The database lacks the migration ${missing[0]?.name}: ${setUp}.`);
  });
  await looking('DATABASE_URL', urls.web, async (ask) => {
    if (!(await ask("has_table_privilege('requests', 'INSERT')")))
      throw new Error(`The role of DATABASE_URL may not file requests: ${setUp}, and use the URLs it prints.`);
    if (await ask("has_table_privilege('chain', 'INSERT')")) {
      throw new Error(
        'The role of DATABASE_URL may write the authority chain, which web must not: use countersign_web, as npm run db:setup prints it.',
      );
    }
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
