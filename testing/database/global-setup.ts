import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePorts } from '#scripts/installation';
import { migrate, prepareDatabase, roleUrls, startCluster, withClient } from '#scripts/postgres';
import { reapAfterDeath } from '#scripts/reaper';
import { PASSWORDS, TEMPLATE } from './names';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the run's PostgreSQL. */
    readonly adminUrl: string;
  }
}

/** One PostgreSQL for the whole run, with a migrated database that every test's own is copied from. */
export default (project: TestProject): Promise<() => Promise<void>> => startServer(project, { throwaway: true });

/** `throwaway` gives durability up for speed: right for tests, wrong for measuring. */
export async function startServer(
  project: TestProject,
  { throwaway }: { throwaway: boolean },
): Promise<() => Promise<void>> {
  // Not under $TMPDIR, which may be closed to the user a root's PostgreSQL runs as.
  const dir = mkdtempSync('/tmp/countersign-test-');
  chmodSync(dir, 0o711);
  const removed = reapAfterDeath({ folder: dir });
  // Every folder that a test makes stands in this one, so that none outlives a run that is killed.
  process.env['TMPDIR'] = mkdtempSync(join(dir, 'tmp-'));
  chmodSync(process.env['TMPDIR'], 0o711);
  const cluster = await startCluster({
    dataDir: join(dir, 'data'),
    port: await freePorts(1),
    password: 'admin',
    logFile: join(dir, 'postgres.log'),
    throwaway,
  });
  await withClient(cluster.adminUrl(), (admin) => prepareDatabase(admin, TEMPLATE, PASSWORDS));
  await withClient(roleUrls(cluster.adminUrl(), TEMPLATE, PASSWORDS).owner, (owner) =>
    migrate(owner, 'prisma/migrations'),
  );
  project.provide('adminUrl', cluster.adminUrl());
  return async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
    removed();
  };
}
