import { type Act, OPERATION_CLASSES, type OperationClass } from './types';

/** What a grant allows: every verb on every resource. `TYPE/*` covers all things of the type. */
export interface Scope {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** `volume/3d2c…`, `volume/*`, `repo/acme/*`: printable, no tricks, nothing that means another thing elsewhere (T50). */
const UPSTREAM_RESOURCE = /^[a-z][a-z0-9-]{0,31}\/(?:\*|[A-Za-z0-9_][A-Za-z0-9._:@+=~/-]{0,199}(?:\/\*)?)$/;

/** A name that cannot be written as a resource is refused. */
export function isUpstreamResource(text: string): boolean {
  return UPSTREAM_RESOURCE.test(text) && !text.split('/').some((part) => part === '' || part === '.' || part === '..');
}

/** Whether one pattern takes in the other: an id never covers `*`. */
export function coversResource(pattern: string, resource: string): boolean {
  return pattern === resource || (pattern.endsWith('/*') && resource.startsWith(pattern.slice(0, -1)));
}

/**
 * Whether a grant lets an act through. Escalating acts never pass on a grant,
 * whatever it says (T31): they are run by the warden, exactly as approved.
 */
export function scopeCovers(scope: Scope, act: Act): boolean {
  return (
    act.class !== 'escalating' &&
    scope.verbs.includes(act.verb) &&
    scope.resources.some((pattern) => coversResource(pattern, act.resource))
  );
}

/** The worst of them; nothing at all is the best. As many as there are: a spread of them has an end (T68). */
export function worstClass(classes: readonly OperationClass[]): OperationClass {
  const worse = (one: OperationClass, other: OperationClass): boolean =>
    OPERATION_CLASSES.indexOf(one) > OPERATION_CLASSES.indexOf(other);
  return classes.reduce<OperationClass>((worst, one) => (worse(one, worst) ? one : worst), 'safe');
}

/** Resources and verbs of these acts, each once, sorted: what a request for exactly them names. */
export function scopeOf(acts: readonly Act[]): Scope {
  const each = (values: readonly string[]): string[] => [...new Set(values)].sort();
  return { resources: each(acts.map(({ resource }) => resource)), verbs: each(acts.map(({ verb }) => verb)) };
}
