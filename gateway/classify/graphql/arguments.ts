import { type FieldNode, type GraphQLSchema, getArgumentValues, getVariableValues } from 'graphql';
import { refuse } from '#lib/core';
import { isUpstreamResource, type Rule } from '#lib/profiles';
import type { GraphqlCall } from './call';
import type { Asked, ReadOperation } from './read';

/** By name, as GraphQL coerces them. */
export type Values = { readonly [name: string]: unknown };

/** Things that one call may name by their ids, under all its aliases together. */
const MAX_IDS = 200;

/** Reading one call: what its variables are, arguments that were read already, and how many ids it may still name. */
export interface Reading {
  readonly values: Values;
  readonly args: Map<FieldNode, Values>;
  idsLeft: number;
}

/** Starts to read one call. Throws `invalid_request` where its variables are not those it declares. */
export const readingOf = (schema: GraphQLSchema, operation: ReadOperation, call: GraphqlCall): Reading => ({
  values: variableValues(schema, operation, call),
  args: new Map(),
  idsLeft: MAX_IDS,
});

function variableValues(schema: GraphQLSchema, { definition }: ReadOperation, { variables }: GraphqlCall): Values {
  const declared = definition.variableDefinitions ?? [];
  const names = new Set(declared.map(({ variable }) => variable.name.value));
  const extra = Object.keys(variables).find((name) => !names.has(name));
  if (extra !== undefined)
    refuse('invalid_request', `The variable ${extra.slice(0, 40)} is not declared in the query.`);
  const { errors, coerced } = getVariableValues(schema, declared, variables, { maxErrors: 1 });
  if (coerced === undefined)
    return refuse('invalid_request', `A variable does not fit: ${errors?.[0]?.message.slice(0, 200) ?? 'unknown'}`);
  return coerced;
}

/** A fragment that is spread a thousand times has its arguments read once (T68). */
export function argumentsOf({ field, node }: Asked, { values, args }: Reading): Values {
  const known = args.get(node);
  if (known !== undefined) return known;
  try {
    const found = getArgumentValues(field, node, values);
    args.set(node, found);
    return found;
  } catch (cause) {
    return refuse('invalid_request', `An argument of ${node.name.value} does not fit the target’s schema.`, { cause });
  }
}

/** `TYPE/ID` for every id the rule's path leads to; `TYPE/*` where it leads to none. */
export function resourcesOf([, kind, , path]: Rule, args: Values, reading: Reading): string[] {
  const ids = path === undefined ? [] : valuesAt(args, path.split('.'), reading);
  if (ids.length === 0) return [`${kind}/*`];
  return ids.map((id) => {
    const resource = `${kind}/${String(id)}`;
    if ((typeof id !== 'string' && typeof id !== 'number') || resource.endsWith('*') || !isUpstreamResource(resource))
      return refuse('invalid_request', `What ${path} says is no id that can be classified.`);
    return resource;
  });
}

/** Everything in a list counts, with an id in it or without: one list under many aliases is walked as often (T68). */
function valuesAt(value: unknown, path: readonly string[], reading: Reading): unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    reading.idsLeft -= value.length;
    if (reading.idsLeft < 0) refuse('invalid_request', `Name at most ${MAX_IDS} things by their ids at a time.`);
    return value.flatMap((one) => valuesAt(one, path, reading));
  }
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  return typeof value === 'object' && Object.hasOwn(value, key) ? valuesAt((value as Values)[key], rest, reading) : [];
}
