import { type OperationClass, worstClass } from './classes';
import type { Profile, Rule } from './types';

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

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];
const READS = ['get', 'head'];

const MAY_ESCALATE =
  /token|secret|credential|passw|key|ssh|saml|oidc|oauth|auth(?!or)|two_?factor|2fa|mfa|recovery|login|session|shell|exec|impersonat|member|invit|collaborat|permission|role|polic|identity|admin|owner|transfer|approve|backup|protect|disable|grant|access|hook|certif|retention|share|firewall/i;
/** Too short to be looked for anywhere but as words of their own, or harmful only together. */
const MAY_ESCALATE_AS_WORDS =
  /(?:^|-)(?:pats?|sso|scim|acls?|iam|(?:service|robot|bot)-accounts?|(?:create|add|new|register|make)-(?:[a-z]+-)?(?:user|account)s?|(?:user|account)s?-(?:create|add|register)|(?:make|set|go|create|update)-public|public-(?:link|url))(?:-|$)/;
const MAY_DESTROY =
  /delete|destroy|remove|drop|purge|prune|wipe|erase|reset|truncate|clear|flush|terminate|replace|overwrite|revert|restore|disconnect/i;

/** By name alone, only ever raising: what an unnamed mutation may be at worst is what its name says. */
export function classOfUnnamed(name: string): OperationClass {
  if (MAY_ESCALATE.test(name) || MAY_ESCALATE_AS_WORDS.test(inWords(name))) return 'escalating';
  return MAY_DESTROY.test(name) ? 'destructive' : 'write';
}

/** `enableSSO`, `enable_sso`: `enable-sso`. */
const inWords = (name: string): string =>
  name
    .replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2-')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();

const DOES: Readonly<Record<string, string>> = { post: 'create', put: 'update', patch: 'update' };

/**
 * What an HTTP call that no rule names may be at worst, by its method and the
 * names in its path: `POST …/tokens` makes one. A read stays a write (P7).
 */
export function classOfUnnamedPath(verb: string, segments: readonly string[]): OperationClass {
  if (READS.includes(verb)) return 'write';
  const named = [...segments.slice(0, -1), `${DOES[verb] ?? verb}-${segments.at(-1) ?? ''}`].map(classOfUnnamed);
  return worstClass(named);
}

/** All that a pattern takes in and a grant can give: of what its own name does not say, that it destroys. */
function classOfPath(verb: string, name: string): OperationClass {
  const segments = name.split('/');
  if (segments.at(-1) !== '*') return classOfUnnamedPath(verb, segments);
  if (READS.includes(verb)) return 'write';
  return worstClass(['destructive', ...segments.slice(0, -1).map(classOfUnnamed)]);
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
    return kind === UNNAMED.path.resource && METHODS.includes(verb) ? [classOfPath(verb, name)] : [];
  }
  if (kind === UNNAMED.query.resource && verb === UNNAMED.query.verb) return ['write'];
  if (kind === UNNAMED.secret.resource && verb === UNNAMED.secret.verb) return ['sensitive'];
  if (kind === UNNAMED.schema.resource && verb === UNNAMED.schema.verb) return ['safe'];
  if (kind === UNNAMED.mutation.resource && verb === UNNAMED.mutation.verb)
    return [name === '*' ? 'destructive' : classOfUnnamed(name)];
  return [];
}
