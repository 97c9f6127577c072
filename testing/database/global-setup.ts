import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startTestServer } from './server';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the run's PostgreSQL. */
    readonly adminUrl: string;
  }
}

/** One PostgreSQL for the whole run, with a migrated database that every test's own is copied from. */
export default (project: TestProject): Promise<() => Promise<void>> => startServer(project, { throwaway: true });

export async function startServer(
  project: TestProject,
  options: { readonly throwaway: boolean },
): Promise<() => Promise<void>> {
  const { folder, cluster, close } = await startTestServer(options);
  // Every folder that a test makes stands in this one, so that none outlives a run that is killed.
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  chmodSync(temporary, 0o711);
  process.env['TMPDIR'] = temporary;
  project.provide('adminUrl', cluster().adminUrl());
  return close;
}
