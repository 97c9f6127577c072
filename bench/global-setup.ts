import type { TestProject } from 'vitest/node';
import { startServer } from '#testing/database';

/** A PostgreSQL as in production: every commit is on disk. */
export default (project: TestProject): Promise<() => Promise<void>> => startServer(project, { throwaway: false });
