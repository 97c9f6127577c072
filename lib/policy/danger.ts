import { classesOf, type OperationClass, profileOf } from '#lib/profiles';
import { type Ask, isUpstream, type TargetConfig, type UpstreamConfig } from '#lib/targets';

/** As much of an ask as says how dangerous it is. */
export type Scope = Pick<Ask, 'verbs' | 'resources'>;

/** The environment that the provider named in a look-up; null where it named none, undefined before the look-up. */
export type FoundEnvironment = string | null | undefined;

/** How dangerous an ask is: 0 reads, 1 writes, 2 destroys, and 3 more in production. An unknown verb counts as a write (P7). */
export const dangerOf = (target: TargetConfig, scope: Scope, found: FoundEnvironment): number =>
  baseDanger(target, scope) + (isProduction(target, scope, found) ? 3 : 0);

/**
 * Whether an ask counts as production: the target's owner or the provider says
 * so, or the provider has environments and did not say which. Otherwise whoever
 * makes the look-up fail would be treated as if outside production (P7).
 */
export function isProduction(target: TargetConfig, scope: Scope, found: FoundEnvironment): boolean {
  if ([target.environment, found ?? ''].some((name) => name.toLowerCase() === 'production')) return true;
  return found === null && knowsEnvironments(target) && baseDanger(target, scope) > 0;
}

/** Whether the provider keeps everything in an environment and the profile knows how to look up which. */
function knowsEnvironments(target: TargetConfig): boolean {
  if (!isUpstream(target)) return false;
  const resolvers = Object.values(profileOf(target.profile).resolvers);
  return resolvers.length > 0 && resolvers.every(({ environment }) => environment !== null);
}

function baseDanger(target: TargetConfig, scope: Scope): number {
  if (isUpstream(target)) return dangerAtUpstream(target, scope);
  const destroys = target.kind === 'postgres' ? ['delete', 'truncate'] : target.destructiveVerbs;
  if (scope.verbs.some((verb) => destroys.includes(verb))) return 2;
  return target.kind === 'postgres' && scope.verbs.every((verb) => verb === 'select') ? 0 : 1;
}

const DANGER: Readonly<Record<OperationClass, number>> = {
  safe: 0,
  sensitive: 1,
  write: 1,
  destructive: 2,
  escalating: 2,
};

/** How dangerous what an operation was found to do is: the worst class among its acts. */
export const dangerOfActs = (acts: ReadonlyArray<{ readonly class: OperationClass }>): number =>
  Math.max(0, ...acts.map((act) => DANGER[act.class]));

/** How dangerous an ask at a provider is: the worst class among its resources and verbs. */
function dangerAtUpstream({ profile: name }: UpstreamConfig, { resources, verbs }: Scope): number {
  const profile = profileOf(name);
  const classes = resources.flatMap((resource) => verbs.flatMap((verb) => classesOf(profile, resource, verb)));
  return Math.max(0, ...classes.map((one) => DANGER[one]));
}
