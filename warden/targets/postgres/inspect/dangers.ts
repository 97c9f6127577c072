import type { PostgresConfig } from '#lib/targets';
import type { Danger } from '../../driver';
import { identifier, qualified } from '../catalog/quote';

export interface BrokerFacts {
  readonly version: string;
  readonly number: number;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly dangerousRoles: readonly string[];
  readonly missingSchemas: readonly string[];
  readonly closedSchemas: readonly string[];
  readonly closedDatabase: boolean;
  readonly publicOnDatabase: readonly string[];
  readonly publicCreateSchemas: readonly string[];
  readonly tables: readonly {
    readonly schema: string;
    readonly name: string;
    readonly kind: string;
    readonly estimatedRows: number | null;
    /** Quoted, as regrole prints it. */
    readonly owner: string;
    readonly lacking: readonly string[];
    readonly publicVerbs: readonly string[];
  }[];
  readonly closedSequences: readonly string[];
  readonly definerFunctions: readonly string[];
  readonly otherDatabases: readonly string[];
  readonly trackCounts: boolean;
}

/** What must be mended before this broker may be held, each with the exact SQL. Pure. */
export function dangersOf(config: PostgresConfig, facts: BrokerFacts): Danger[] {
  return [...ofVersion(facts), ...ofRole(config, facts), ...ofPublic(config, facts), ...ofGrants(config, facts)];
}

/** Below 16 a role with CREATEROLE may grant itself pg_execute_server_program and run programs (T39). */
const ofVersion = ({ version, number }: BrokerFacts): Danger[] =>
  number >= 160_000
    ? []
    : [
        {
          text: `PostgreSQL ${version} cannot have a safe broker: before 16, CREATEROLE is as good as superuser.`,
          mend: '-- No statement mends this. Upgrade the server to PostgreSQL 16 or newer.',
        },
      ];

function ofRole(config: PostgresConfig, facts: BrokerFacts): Danger[] {
  const broker = identifier(config.user);
  const alter = (wrong: boolean, text: string, attribute: string): Danger[] =>
    wrong ? [{ text, mend: `ALTER ROLE ${broker} ${attribute};` }] : [];
  return [
    ...(facts.superuser
      ? [
          {
            text: 'The broker is a superuser: whoever takes it has the whole server.',
            mend: `-- Make a role of its own, for instance countersign_broker (see the script), or:\nALTER ROLE ${broker} NOSUPERUSER CREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;`,
          },
        ]
      : []),
    ...alter(
      !facts.createRole && !facts.superuser && facts.number >= 160_000,
      'The broker cannot make roles.',
      'CREATEROLE',
    ),
    ...alter(
      facts.createRole && !facts.superuser && facts.number < 160_000,
      'The broker has CREATEROLE.',
      'NOCREATEROLE',
    ),
    ...alter(
      facts.replication && !facts.superuser,
      'The broker may replicate: it can read every file of the database.',
      'NOREPLICATION',
    ),
    ...alter(facts.bypassRls && !facts.superuser, 'The broker passes by row-level security.', 'NOBYPASSRLS'),
    ...facts.dangerousRoles.map((role) => ({
      text: `The broker is a member of ${role}.`,
      mend: `REVOKE ${identifier(role)} FROM ${broker};`,
    })),
  ];
}

function ofPublic(config: PostgresConfig, facts: BrokerFacts): Danger[] {
  const database = identifier(config.database);
  return [
    ...facts.publicOnDatabase.map((right) => ({
      text:
        right === 'TEMPORARY'
          ? 'Every role may make temporary tables here, and one can stand in for a real table.'
          : `Every role has ${right} on the database.`,
      mend: `REVOKE ${right} ON DATABASE ${database} FROM PUBLIC;`,
    })),
    ...facts.publicCreateSchemas.map((schema) => ({
      text: `Every role may create objects in schema ${schema}.`,
      mend: `REVOKE CREATE ON SCHEMA ${identifier(schema)} FROM PUBLIC;`,
    })),
  ];
}

function ofGrants(config: PostgresConfig, facts: BrokerFacts): Danger[] {
  const broker = identifier(config.user);
  const give = (what: string): string => `GRANT ${what} TO ${broker} WITH GRANT OPTION;`;
  const closed = facts.superuser ? [] : facts.tables.filter((table) => table.lacking.length > 0);
  return [
    ...facts.missingSchemas.map((schema) => ({
      text: `There is no schema ${schema}.`,
      mend: `-- Take it out of the target, or: CREATE SCHEMA ${identifier(schema)};`,
    })),
    ...(facts.closedDatabase
      ? [
          {
            text: 'The broker cannot let anyone into the database.',
            mend: give(`CONNECT ON DATABASE ${identifier(config.database)}`),
          },
        ]
      : []),
    ...facts.closedSchemas.map((schema) => ({
      text: `The broker cannot let anyone into schema ${schema}.`,
      mend: give(`USAGE ON SCHEMA ${identifier(schema)}`),
    })),
    ...closed.map((table) => ({
      text: `The broker cannot grant ${table.lacking.join(', ')} on ${table.schema}.${table.name}.`,
      mend: give(`${table.lacking.join(', ')} ON ${qualified(table)}`),
    })),
    ...facts.closedSequences.map((sequence) => ({
      text: `The broker cannot grant USAGE on sequence ${sequence}, which inserting needs.`,
      mend: give(`USAGE ON SEQUENCE ${sequence.split('.').map(identifier).join('.')}`),
    })),
  ];
}

/** What an owner should know and may accept. Pure. */
export function inspectionWarnings(facts: BrokerFacts): string[] {
  return [
    ...facts.tables
      .filter((table) => table.publicVerbs.length > 0)
      .map(
        (table) =>
          `Every role has ${table.publicVerbs.join(', ')} on ${table.schema}.${table.name}, whatever is approved.`,
      ),
    ...facts.definerFunctions.map(
      (name) => `Every role may execute ${name}, which runs with its owner's rights (SECURITY DEFINER).`,
    ),
    ...(facts.otherDatabases.length === 0
      ? []
      : [
          `Every role may connect to these databases of the same server too: ${facts.otherDatabases.join(', ')}. To close one: REVOKE CONNECT ON DATABASE … FROM PUBLIC.`,
        ]),
    ...(facts.trackCounts
      ? []
      : ['track_counts is off: exact operations cannot be compared with what was approved and will not run.']),
  ];
}
