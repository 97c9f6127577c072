import { existsSync, readFileSync } from 'node:fs';
import {
  buildClientSchema,
  type FieldNode,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  type IntrospectionQuery,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { GraphqlProfile } from '#lib/profiles';

/** Railway's schema as its own API tells it, kept outside this repository. */
export const VECTOR = '../shared/vectors/railway/schema.json';
export const present = existsSync(VECTOR);

/** An empty schema where the vector is absent: every test that needs it is skipped aloud. */
export function railwaySchema(): GraphQLSchema {
  const text = JSON.parse(readFileSync(VECTOR, 'utf8')) as { data?: IntrospectionQuery };
  return buildClientSchema(text.data ?? (text as unknown as IntrospectionQuery));
}

export const KINDS = ['query', 'mutation', 'subscription'] as const;
export type RootKind = (typeof KINDS)[number];

export function rootsOf(schema: GraphQLSchema, kind: RootKind) {
  const type = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }[kind];
  return type?.getFields() ?? {};
}

type Field = GraphQLField<unknown, unknown>;

/** Every `Type.field` that can be asked for below these types, without passing a door the profile watches. */
export function reachable(
  schema: GraphQLSchema,
  starts: readonly GraphQLOutputType[],
  watched: (name: string) => boolean,
): ReadonlyMap<string, Field> {
  const found = new Map<string, Field>();
  const seen = new Set<string>();
  const open = starts.map(getNamedType);
  for (let type = open.pop(); type !== undefined; type = open.pop()) {
    if (seen.has(type.name) || !isCompositeType(type)) continue;
    seen.add(type.name);
    if (!isObjectType(type)) open.push(...schema.getPossibleTypes(type));
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      found.set(name, field);
      if (!watched(name)) open.push(getNamedType(field.type));
    }
  }
  return found;
}

/** What a document's answer looks like: how many lists deep, and what is inside. Leaves have no fields. */
export interface Shape {
  readonly lists: number;
  readonly fields: ReadonlyMap<string, Shape>;
}

export function shapeOf(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  selection: SelectionSetNode | undefined,
): Shape {
  const inside = getNamedType(type);
  const fields = new Map<string, Shape>();
  for (const node of selection?.selections ?? []) {
    if (node.kind !== Kind.FIELD || !(isObjectType(inside) || isInterfaceType(inside)))
      throw new Error('plain fields only');
    const field = inside.getFields()[node.name.value];
    if (field === undefined) throw new Error(`no field ${inside.name}.${node.name.value}`);
    fields.set(nameOf(node), shapeOf(schema, field.type, node.selectionSet));
  }
  return { lists: depthOf(type), fields };
}

const nameOf = (node: FieldNode): string => node.alias?.value ?? node.name.value;

function depthOf(type: GraphQLOutputType): number {
  if (isNonNullType(type)) return depthOf(type.ofType);
  return isListType(type) ? 1 + depthOf(type.ofType) : 0;
}

/** Where a path leads within a shape; null where it leads nowhere, or steps over a list without saying so. */
export function follow(shape: Shape, path: string): Shape | null {
  let here: Shape = shape;
  for (const [index, part] of (path === '' ? [] : path.split('.')).entries()) {
    const [, key = '', lists = ''] = /^([^.[\]]+)((?:\[\])*)$/.exec(part) ?? [];
    const next = here.fields.get(key);
    if (next === undefined || (index > 0 && here.lists > 0)) return null;
    here = { lists: next.lists - lists.length / 2, fields: next.fields };
    if (here.lists < 0) return null;
  }
  return here;
}

/** How a profile lists a field below the root: `nested`, `suspected` or not at all. */
export function fieldVerdict(profile: GraphqlProfile, name: string): 'nested' | 'suspected' | null {
  if (Object.hasOwn(profile.nested, name)) return 'nested';
  const field = name.slice(name.indexOf('.') + 1);
  return profile.suspicious.test(field) && !profile.harmless.has(name) ? 'suspected' : null;
}
