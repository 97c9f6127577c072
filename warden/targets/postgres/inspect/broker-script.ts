import type { PostgresConfig } from '#lib/targets';
import { identifier } from '../catalog/quote';

const VERBS = 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE';

/**
 * SQL that makes a broker the right way, for psql as a superuser in the target's
 * database: it may make roles and hand on these rights, and is nothing else.
 * `owners`, quoted, are the roles that will make further tables. Where the role
 * `exists`, it is put right.
 */
export function brokerScript(
  config: Pick<PostgresConfig, 'database' | 'schemas' | 'user'>,
  owners: readonly string[],
  exists = false,
): string {
  const broker = identifier(config.user);
  const database = identifier(config.database);
  return [
    `-- As a superuser, in database ${database}. Then give the broker a password: \\password ${broker}`,
    `${exists ? 'ALTER' : 'CREATE'} ROLE ${broker} LOGIN NOSUPERUSER NOCREATEDB CREATEROLE NOREPLICATION NOBYPASSRLS;`,
    `GRANT CONNECT ON DATABASE ${database} TO ${broker} WITH GRANT OPTION;`,
    '-- A temporary table can stand in for a real one. Programs that need them: GRANT TEMPORARY to their role.',
    `REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC;`,
    ...config.schemas
      .map(identifier)
      .flatMap((schema) => [
        `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC;`,
        `GRANT USAGE ON SCHEMA ${schema} TO ${broker} WITH GRANT OPTION;`,
        `GRANT ${VERBS} ON ALL TABLES IN SCHEMA ${schema} TO ${broker} WITH GRANT OPTION;`,
        `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${broker} WITH GRANT OPTION;`,
        ...owners.flatMap((owner) => [
          `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema} GRANT ${VERBS} ON TABLES TO ${broker} WITH GRANT OPTION;`,
          `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${schema} GRANT USAGE ON SEQUENCES TO ${broker} WITH GRANT OPTION;`,
        ]),
      ]),
  ].join('\n');
}
