import { z } from 'zod';
import { DomainError, type FieldError } from '#lib/core';
import { type PostgresConfig, PostgresResource, type TargetConfig, type TokenConfig } from './config';
import { type Ask, isSql } from './operation';
import { checkUpstream } from './upstream';

/** The verbs that a grant on a database can name. */
export const POSTGRES_VERBS = ['select', 'insert', 'update', 'delete', 'truncate'] as const;
export const Verb = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** Throws `invalid_request` for an ask that this target cannot grant; it names every such field, and what can be asked. */
export function checkAsk(target: TargetConfig, ask: Ask): void {
  const errors = [...duplicates(ask), ...tooLong(target, ask), ...checkKind(target, ask)];
  if (errors.length > 0) {
    throw new DomainError('invalid_request', `Target ${target.name} cannot grant this as asked.`, { errors });
  }
}

function checkKind(target: TargetConfig, ask: Ask): FieldError[] {
  switch (target.kind) {
    case 'postgres':
      return checkPostgres(target, ask);
    case 'token':
      return checkToken(target, ask);
    default:
      return checkUpstream(target, ask);
  }
}

function duplicates(ask: Ask): FieldError[] {
  return (['resources', 'verbs'] as const)
    .filter((field) => new Set(ask[field]).size !== ask[field].length)
    .map((field) => ({ pointer: `/${field}`, detail: 'Name each one once.' }));
}

function tooLong(target: TargetConfig, ask: Ask): FieldError[] {
  if (ask.ttlSeconds <= target.maxTtlSeconds) return [];
  return [{ pointer: '/ttlSeconds', detail: `At most ${target.maxTtlSeconds} for this target.` }];
}

function checkPostgres(target: PostgresConfig, ask: Ask): FieldError[] {
  const known: readonly string[] = POSTGRES_VERBS;
  return [
    ...each('verbs', ask.verbs, (verb) => known.includes(verb), `One of ${POSTGRES_VERBS.join(', ')}.`),
    ...each(
      'resources',
      ask.resources,
      (resource) => inSchemas(target, resource),
      `table/SCHEMA.TABLE or schema/SCHEMA, in ${target.schemas.join(', ')}.`,
    ),
    ...usesOfPostgres(ask),
    ...(ask.operation === null || isSql(ask.operation)
      ? []
      : [{ pointer: '/operation', detail: 'A database runs one SQL statement: { sql, parameters }.' }]),
  ];
}

/** Refuses `maxUses` for a database credential: a role cannot count its uses, and the page must not promise it. */
function usesOfPostgres(ask: Ask): FieldError[] {
  if (ask.maxUses === null || (ask.operation !== null && ask.maxUses === 1)) return [];
  const detail =
    ask.operation === null
      ? 'A database credential cannot count uses. Leave maxUses out, or send the exact statement as operation.'
      : 'An exact operation runs once. Leave maxUses out or send 1.';
  return [{ pointer: '/maxUses', detail }];
}

function inSchemas(target: PostgresConfig, resource: string): boolean {
  if (!PostgresResource.safeParse(resource).success) return false;
  const schema = resource.replace(/^(table|schema)\//, '').split('.')[0];
  return schema !== undefined && target.schemas.includes(schema);
}

function checkToken(target: TokenConfig, ask: Ask): FieldError[] {
  const operation =
    ask.operation === null ? [] : [{ pointer: '/operation', detail: 'A token target runs no exact operation.' }];
  return [
    ...each('verbs', ask.verbs, (verb) => target.verbs.includes(verb), `One of ${target.verbs.join(', ')}.`),
    ...each(
      'resources',
      ask.resources,
      (resource) => target.resources.some((allowed) => covers(allowed, resource)),
      `One of ${target.resources.join(', ')}.`,
    ),
    ...operation,
    ...usesOfToken(target, ask),
  ];
}

/** Refuses `maxUses` where the service does not introspect on every call: nothing else counts a token's uses. */
function usesOfToken(target: TokenConfig, ask: Ask): FieldError[] {
  if (ask.maxUses === null || target.introspected) return [];
  return [{ pointer: '/maxUses', detail: 'Nobody counts the uses of this target’s tokens. Leave maxUses out.' }];
}

function covers(allowed: string, resource: string): boolean {
  if (!/^[a-z][a-z0-9-]{0,31}\/[A-Za-z0-9._/-]{1,200}$/.test(resource)) return false;
  if (resource.split('/').some((part) => part === '' || part === '.' || part === '..')) return false;
  return allowed.endsWith('/*') ? resource.startsWith(allowed.slice(0, -1)) : allowed === resource;
}

function each(field: string, values: readonly string[], ok: (value: string) => boolean, detail: string): FieldError[] {
  return values.flatMap((value, index) => (ok(value) ? [] : [{ pointer: `/${field}/${index}`, detail }]));
}
