import type { GraphQLSchema } from 'graphql';
import type { Json } from '#lib/core';
import {
  type Act,
  classOfUnnamed,
  type GraphqlProfile,
  OPERATION_CLASSES,
  type OperationClass,
  type Rule,
  UNNAMED,
  worstClass,
} from '#lib/profiles';
import type { GraphqlOperation } from '#lib/targets';
import { type Classification, type OwnerOverrides, whyNamed, whyUnnamed } from '../classification';
import { type Lru, lru } from '../lru';
import { argumentsOf, type Reading, readingOf, resourcesOf, type Values } from './arguments';
import type { GraphqlCall } from './call';
import { type Asked, type ReadOperation, readOperation } from './read';

/** Texts that were read before, for each schema. What is read is many times its text: only a few, and none that is large (T68). */
const KEPT = 200;
const MAX_KEPT_LENGTH = 2_000;
const MAX_KEPT_FIELDS = 200;
const read = new WeakMap<GraphQLSchema, Lru<ReadOperation>>();

/** Reading costs a hundred times what classifying does, and clients send the same texts again and again. */
function readOnce(schema: GraphQLSchema, { query, operationName }: GraphqlCall): ReadOperation {
  const texts = read.get(schema) ?? lru<ReadOperation>(KEPT);
  read.set(schema, texts);
  const key = `${operationName ?? ''}\0${query}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const operation = readOperation(schema, query, operationName);
  const fields = operation.roots.length + operation.below.length;
  if (key.length <= MAX_KEPT_LENGTH && fields <= MAX_KEPT_FIELDS) texts.set(key, operation);
  return operation;
}

/**
 * What a GraphQL call would do: every root field, whatever it is called in the
 * answer and however it is wrapped, and every field below it that gives out
 * more. Throws `invalid_request` where that cannot be said (P7).
 */
export function classifyGraphql(input: {
  readonly profile: GraphqlProfile;
  readonly opens: readonly string[];
  readonly closes: readonly string[];
  readonly schema: GraphQLSchema;
  readonly call: GraphqlCall;
}): Classification {
  const { profile, schema, call } = input;
  const operation = readOnce(schema, call);
  const reading = readingOf(schema, operation, call);
  const roots = operation.roots.map((asked) => {
    const args = argumentsOf(asked, reading);
    return { asked, args, acts: rootActs(profile, input, { kind: operation.kind, asked, args, reading }) };
  });
  const introspection = operation.introspects || roots.length === 0 ? [INTROSPECTION] : [];
  const acts = [
    ...roots.flatMap((root) => root.acts),
    ...nestedActs(profile, input, { operation, reading }),
    ...introspection,
  ];
  const chief = chiefOf(roots, ({ asked }) => resolverOf(profile, operation, asked) !== null);
  const variables = { ...call.variables } as GraphqlOperation['variables'];
  const level = worstClass(acts.map((act) => act.class));
  return {
    acts: each(acts),
    class: level,
    name: nameOf(operation),
    operation: { query: operation.printed, variables },
    // Computed on demand: a read that passes at rest never needs them.
    get args() {
      return chief === undefined ? {} : (plain(chief.args) as Classification['args']);
    },
    resolver: chief === undefined ? null : resolverOf(profile, operation, chief.asked),
  };
}

const INTROSPECTION: Act = {
  operation: 'query __schema',
  class: 'safe',
  resource: 'schema/*',
  verb: 'read',
  why: 'it reads how the API is made.',
};

interface Named {
  readonly kind: 'query' | 'mutation';
  readonly asked: Asked;
  readonly args: Values;
  readonly reading: Reading;
}

function rootActs(
  profile: GraphqlProfile,
  { opens, closes }: OwnerOverrides,
  { kind, asked, args, reading }: Named,
): Act[] {
  const name = asked.node.name.value;
  const operation = `${kind} ${name}`;
  const rules = profile[kind];
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  const named = rule ?? unnamed(kind, name);
  const level = owned(named[0], kind, { opened: opens.includes(operation), closed: closes.includes(operation) });
  const why = rule === undefined && level !== 'safe' ? whyUnnamed(level) : whyNamed(level);
  const resources = rule === undefined ? [`${named[1]}/${name}`] : resourcesOf(rule, args, reading);
  return resources.map((resource) => ({ operation, class: level, resource, verb: named[2], why }));
}

const unnamed = (kind: 'query' | 'mutation', name: string): Rule =>
  kind === 'query'
    ? ['write', UNNAMED.query.resource, UNNAMED.query.verb]
    : [classOfUnnamed(name), UNNAMED.mutation.resource, UNNAMED.mutation.verb];

/** An owner opens reads and closes safe ones; a mutation is never opened. */
function owned(
  level: OperationClass,
  kind: 'query' | 'mutation',
  { opened, closed }: { readonly opened: boolean; readonly closed: boolean },
): OperationClass {
  if (closed) return level === 'safe' ? 'sensitive' : level;
  return opened && kind === 'query' ? 'safe' : level;
}

/** A field below the roots that gives out more than its root does, or is a root's itself; all of it that does not hang on variables. */
interface Watched {
  readonly asked: Asked;
  readonly ruled: readonly (readonly [name: string, rule: Rule])[];
  /** The field, where no rule lists it and its name alone is suspicious. */
  readonly suspected: string | null;
}

const watched = new WeakMap<ReadOperation, WeakMap<GraphqlProfile, readonly Watched[]>>();

/** Most operations have dozens of fields and none of these: they are looked for once. */
function watchedIn(operation: ReadOperation, profile: GraphqlProfile): readonly Watched[] {
  const byProfile = watched.get(operation) ?? new WeakMap<GraphqlProfile, readonly Watched[]>();
  watched.set(operation, byProfile);
  const found = byProfile.get(profile) ?? operation.below.flatMap((asked) => watchedField(profile, asked));
  byProfile.set(profile, found);
  return found;
}

function watchedField(profile: GraphqlProfile, asked: Asked): Watched[] {
  const { names, node, rootOf } = asked;
  const ruled = names.flatMap((name): [string, Rule][] => {
    const rule = Object.hasOwn(profile.nested, name) ? profile.nested[name] : undefined;
    return rule === undefined ? [] : [[name, rule]];
  });
  const named = ruled.map(([name]) => name);
  // What is said of one type is not said of the others this may turn out to be.
  const open = names[0] !== undefined && named.includes(names[0]) ? [] : names.filter((one) => !named.includes(one));
  const doubtful = profile.suspicious.test(node.name.value) ? open.filter((name) => !profile.harmless.has(name)) : [];
  const [name = null] = doubtful;
  return rootOf === null && ruled.length === 0 && name === null ? [] : [{ asked, ruled, suspected: name }];
}

function nestedActs(
  profile: GraphqlProfile,
  owner: OwnerOverrides,
  { operation, reading }: { readonly operation: ReadOperation; readonly reading: Reading },
): Act[] {
  return watchedIn(operation, profile).flatMap(({ asked, ruled, suspected: name }) => {
    const args = argumentsOf(asked, reading);
    return [
      ...(asked.rootOf === null ? [] : rootActs(profile, owner, { kind: asked.rootOf, asked, args, reading })),
      ...ruled.flatMap(([named, rule]) => nestedAct(named, rule, { args, reading })),
      ...(name === null ? [] : [suspected(name)]),
    ];
  });
}

const nestedAct = (operation: string, rule: Rule, { args, reading }: Pick<Named, 'args' | 'reading'>): Act[] =>
  resourcesOf(rule, args, reading).map((resource) => ({
    operation,
    class: rule[0],
    resource,
    verb: rule[2],
    why: whyNamed(rule[0]),
  }));

const suspected = (operation: string): Act => ({
  operation,
  class: 'sensitive',
  resource: 'secret/*',
  verb: 'read',
  why: 'by its name it may give out a secret.',
});

const rank = ({ acts }: { readonly acts: readonly Act[] }): number =>
  OPERATION_CLASSES.indexOf(worstClass(acts.map((act) => act.class)));

/** What the page is about: the worst of it, never a milder thing that stands before it (T2). Of equals, one that can be looked up. */
function chiefOf<R extends { readonly acts: readonly Act[] }>(
  roots: readonly R[],
  isKnown: (root: R) => boolean,
): R | undefined {
  const most = roots.reduce((worst, root) => Math.max(worst, rank(root)), 0);
  const worst = roots.filter((root) => rank(root) === most);
  return worst.find(isKnown) ?? worst[0];
}

function resolverOf(profile: GraphqlProfile, { kind }: ReadOperation, { node }: Asked): string | null {
  const name = `${kind} ${node.name.value}`;
  return Object.hasOwn(profile.resolvers, name) ? name : null;
}

function nameOf({ kind, roots }: ReadOperation): string {
  const names = [...new Set(roots.map(({ node }) => node.name.value))];
  const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  return `${kind} ${shown === '' ? '__schema' : shown}`;
}

/** The same act asked for under ten aliases is one. */
function each(acts: readonly Act[]): Act[] {
  const seen = new Map(acts.map((act) => [`${act.operation}\0${act.resource}\0${act.verb}\0${act.class}`, act]));
  return [...seen.values()];
}

/** Coerced input objects have no prototype; what is shown and compared is plain JSON. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
