import type { Act } from './types';

/** What a grant allows: every verb on every resource. `TYPE/*` covers all things of the type. */
export interface Scope {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
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

/** Resources and verbs of these acts, each once, sorted: what a request for exactly them names. */
export function scopeOf(acts: readonly Act[]): Scope {
  const each = (values: readonly string[]): string[] => [...new Set(values)].sort();
  return { resources: each(acts.map(({ resource }) => resource)), verbs: each(acts.map(({ verb }) => verb)) };
}
