import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { restrictDatabase, roleUrls, withClient } from '#scripts/postgres';
import { PASSWORDS, TEMPLATE } from './names';

export interface TestDatabase {
  readonly name: string;
  /** Superuser, in this database. */
  readonly adminUrl: string;
  /** Owner of the tables. */
  readonly ownerUrl: string;
  readonly webUrl: string;
  readonly wardenUrl: string;
  readonly gatewayUrl: string;
}

/** A migrated database of the test's own, empty. It goes with its server, which is the run's; nothing has to be dropped. */
export async function freshDatabase(urlOf: (database?: string) => string = adminUrl): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(urlOf(), async (admin) => {
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${TEMPLATE} OWNER countersign_owner`);
    await restrictDatabase(admin, name);
  });
  const { owner, web, warden, gateway } = roleUrls(urlOf(), name, PASSWORDS);
  return { name, adminUrl: urlOf(name), ownerUrl: owner, webUrl: web, wardenUrl: warden, gatewayUrl: gateway };
}

/** Superuser's URL of a database of the run's PostgreSQL 18, for tests that make their own databases and roles. */
export function adminUrl(database = 'postgres'): string {
  const url = new URL(inject('adminUrl'));
  url.pathname = `/${database}`;
  return url.href;
}
