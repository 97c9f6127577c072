import type { OperationClass, Profile, Rule } from './types';

/** A kind of thing and what can be done to it, with how bad that is at worst. */
export interface Pair {
  readonly resource: string;
  readonly verb: string;
  readonly class: OperationClass;
}

/** Every rule of a profile. */
const rulesOf = (profile: Profile): readonly Rule[] =>
  profile.kind === 'http'
    ? profile.rules.map(([, , rule]) => rule)
    : [profile.query, profile.mutation, profile.subscription, profile.nested].flatMap((rules) => Object.values(rules));

/** What can be asked of a target with this profile, each once a class. */
export function pairsOf(profile: Profile): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  for (const [klass, resource, verb] of rulesOf(profile)) {
    pairs.set(`${resource} ${verb} ${klass}`, { resource, verb, class: klass });
  }
  return [...pairs.values()];
}

/** What an operation no rule names is asked for by: its own name, in one of these kinds. */
export const UNNAMED = {
  /** `query/users: read` */
  query: { resource: 'query', verb: 'read' },
  /** `mutation/createUser: run` */
  mutation: { resource: 'mutation', verb: 'run' },
  /** `path/v1/users/17: delete`; the verb is the method in lower case. */
  path: { resource: 'path' },
  /** `secret/*: read`: a field below the root that only its name speaks against. */
  secret: { resource: 'secret', verb: 'read' },
  /** `schema/*: read`: how the API is made. */
  schema: { resource: 'schema', verb: 'read' },
} as const;

const METHOD_CLASS: Readonly<Record<string, OperationClass>> = {
  get: 'write',
  head: 'write',
  post: 'write',
  put: 'write',
  patch: 'write',
  delete: 'destructive',
};

const MAY_ESCALATE =
  /token|secret|credential|passw|key|ssh|saml|oidc|oauth|auth(?!or)|two_?factor|2fa|mfa|recovery|login|session|shell|exec|impersonat|member|invit|permission|role|polic|identity|admin|owner|transfer|approve|backup|protect|disable/i;
const MAY_DESTROY =
  /delete|destroy|remove|drop|purge|prune|wipe|erase|reset|truncate|clear|flush|terminate|replace|overwrite|revert|restore|disconnect/i;

/** By name alone, only ever raising: what an unnamed mutation may be at worst is what its name says. */
export function classOfUnnamed(name: string): OperationClass {
  if (MAY_ESCALATE.test(name)) return 'escalating';
  return MAY_DESTROY.test(name) ? 'destructive' : 'write';
}

/**
 * The classes a resource (or pattern) and a verb can stand for under this
 * profile; none where nothing there can be asked for.
 */
export function classesOf(profile: Profile, resource: string, verb: string): readonly OperationClass[] {
  const [kind = '', name = ''] = [resource.slice(0, resource.indexOf('/')), resource.slice(resource.indexOf('/') + 1)];
  const named = pairsOf(profile).filter((pair) => pair.resource === kind && pair.verb === verb);
  return [...new Set([...named.map((pair) => pair.class), ...unnamedClasses(profile.kind, { kind, name, verb })])];
}

function unnamedClasses(
  profile: Profile['kind'],
  { kind, name, verb }: { readonly kind: string; readonly name: string; readonly verb: string },
): readonly OperationClass[] {
  if (profile === 'http') {
    const klass = kind === UNNAMED.path.resource ? METHOD_CLASS[verb] : undefined;
    return klass === undefined ? [] : [klass];
  }
  if (kind === UNNAMED.query.resource && verb === UNNAMED.query.verb) return ['write'];
  if (kind === UNNAMED.secret.resource && verb === UNNAMED.secret.verb) return ['sensitive'];
  if (kind === UNNAMED.schema.resource && verb === UNNAMED.schema.verb) return ['safe'];
  if (kind === UNNAMED.mutation.resource && verb === UNNAMED.mutation.verb)
    return [name === '*' ? 'destructive' : classOfUnnamed(name)];
  return [];
}
