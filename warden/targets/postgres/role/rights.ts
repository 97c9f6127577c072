import { iso } from '#lib/core';
import { identifier, literal, qualified } from '../catalog/quote';
import { type Sequence, schemasOf, type Table } from '../catalog/tables';

/** A role that can do this and nothing else, as values. */
export interface RolePlan {
  readonly role: string;
  readonly verifier: string;
  readonly validUntil: Date;
  readonly database: string;
  readonly tables: readonly Table[];
  readonly sequences: readonly Sequence[];
  readonly verbs: readonly string[];
  readonly connectionLimit: number;
  /** No statement and no idle session outlives this. The role can SET it away; VALID UNTIL and the end cannot be. */
  readonly timeoutMs: number;
  readonly comment: string;
}

const IDLE_IN_TRANSACTION_MS = 60_000;

/** SQL has no verb but these five to give here. */
const VERBS: Readonly<Record<string, string>> = {
  select: 'SELECT',
  insert: 'INSERT',
  update: 'UPDATE',
  delete: 'DELETE',
  truncate: 'TRUNCATE',
};

const keywords = (verbs: readonly string[]): string[] => verbs.flatMap((verb) => VERBS[verb] ?? []);

/** The statements that make the role. createrole_self_grant lets the broker end its sessions and take over what it owns. */
export function mintStatements(plan: RolePlan): string[] {
  const role = identifier(plan.role);
  return [
    "SET LOCAL createrole_self_grant = 'set, inherit'",
    `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT ` +
      `CONNECTION LIMIT ${plan.connectionLimit} PASSWORD ${literal(plan.verifier)} VALID UNTIL ${literal(iso(plan.validUntil))}`,
    `GRANT CONNECT ON DATABASE ${identifier(plan.database)} TO ${role}`,
    `GRANT USAGE ON SCHEMA ${schemasOf(plan.tables).map(identifier).join(', ')} TO ${role}`,
    `GRANT ${keywords(plan.verbs).join(', ')} ON TABLE ${plan.tables.map(qualified).join(', ')} TO ${role}`,
    ...sequencesOf(plan).map((sequence) => `GRANT USAGE ON SEQUENCE ${qualified(sequence)} TO ${role}`),
    ...settings(plan).map(([name, value]) => `ALTER ROLE ${role} SET ${name} = ${value}`),
    `COMMENT ON ROLE ${role} IS ${literal(plan.comment)}`,
  ];
}

const sequencesOf = (plan: RolePlan): readonly Sequence[] => (plan.verbs.includes('insert') ? plan.sequences : []);

/** pg_catalog first and pg_temp last: no table of the session's own stands before a real one (T41). */
const settings = (plan: RolePlan): [name: string, value: string][] => [
  ['search_path', ['pg_catalog', ...schemasOf(plan.tables), 'pg_temp'].map(identifier).join(', ')],
  ['statement_timeout', String(plan.timeoutMs)],
  ['idle_session_timeout', String(plan.timeoutMs)],
  ['idle_in_transaction_session_timeout', String(Math.min(plan.timeoutMs, IDLE_IN_TRANSACTION_MS))],
];

/** Every right the catalogue may show for the role, as verify.ts writes them. */
function approvedRights(plan: RolePlan): { readonly required: string[]; readonly allowed: string[] } {
  return {
    required: [
      ...plan.tables.flatMap((table) => keywords(plan.verbs).map((verb) => `${verb} on ${table.schema}.${table.name}`)),
      ...sequencesOf(plan).map((sequence) => `USAGE on ${sequence.schema}.${sequence.name}`),
    ],
    // Where PUBLIC has them already, a broker without grant option gives nothing, and nothing is missing.
    allowed: [
      `CONNECT on database ${plan.database}`,
      ...schemasOf(plan.tables).map((schema) => `USAGE on schema ${schema}`),
    ],
  };
}

/** What stands between the approved rights and the found ones; empty where they agree. */
export function differences(plan: RolePlan, found: readonly string[]): string[] {
  const { required, allowed } = approvedRights(plan);
  const expected = new Set([...required, ...allowed]);
  return [
    ...found.filter((right) => !expected.has(right)).map((right) => `has ${right}`),
    ...required.filter((right) => !found.includes(right)).map((right) => `lacks ${right}`),
  ];
}
