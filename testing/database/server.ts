import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '#scripts/installation';
import { type Cluster, migrate, prepareDatabase, roleUrls, startCluster, withClient } from '#scripts/postgres';
import { reapAfterDeath } from '#scripts/reaper';
import { PASSWORDS, TEMPLATE } from './names';

/** A PostgreSQL of a test's own or of a whole run's, with the migrated database that others are copied from. */
export interface TestServer {
  readonly folder: string;
  cluster(): Cluster;
  /** Starts it again where it ended: the same data at the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** `throwaway` gives durability up for speed: right for most tests, wrong for measuring and for crashes. */
export async function startTestServer({ throwaway }: { readonly throwaway: boolean }): Promise<TestServer> {
  // Not under $TMPDIR, which may be closed to the user a root's PostgreSQL runs as.
  const folder = mkdtempSync('/tmp/countersign-test-');
  chmodSync(folder, 0o711);
  const removed = reapAfterDeath({ folder });
  const [dataDir, logFile, port] = [join(folder, 'data'), join(folder, 'postgres.log'), await freePorts(1)];
  const start = (): Promise<Cluster> => startCluster({ dataDir, port, password: 'admin', logFile, throwaway });
  let cluster = await start();
  await withClient(cluster.adminUrl(), (admin) => prepareDatabase(admin, TEMPLATE, PASSWORDS));
  await withClient(roleUrls(cluster.adminUrl(), TEMPLATE, PASSWORDS).owner, (owner) =>
    migrate(owner, 'prisma/migrations'),
  );
  return {
    folder,
    cluster: () => cluster,
    async restart() {
      cluster = await start();
    },
    async close() {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
      removed();
    },
  };
}
