import { canonicalText, type FieldError, type Json, refuse } from '#lib/core';
import { type Act, scopeOf } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import type { Ask } from '#lib/targets';
import { CLASS_WORDS, touchedBy } from './credential';
import type { Found } from './facts';
import type { Resolution } from './resolve';

/** What an operation was classified to be: `Classification` of #gateway/classify, as far as a preview needs it. */
export interface Classified {
  readonly acts: readonly Act[];
  readonly class: Act['class'];
  readonly name: string;
  readonly args: { readonly [name: string]: Json };
  readonly resolver: string | null;
  /** Changes it makes beside the one the arguments are of; 0 where it makes one. */
  readonly others: number;
}

/**
 * Throws `invalid_request`, saying what to send, unless the ask names exactly
 * what its operation does: what people read above it must be all of it.
 */
export function refuseOtherScope(ask: Ask, { acts, name }: Pick<Classified, 'acts' | 'name'>): void {
  const scope = scopeOf(acts);
  const errors = (['resources', 'verbs'] as const).flatMap((field): FieldError[] => {
    const same = canonicalText([...ask[field]].sort()) === canonicalText(scope[field]);
    return same ? [] : [{ pointer: `/${field}`, detail: `Send ${JSON.stringify(scope[field])}.` }];
  });
  if (errors.length > 0)
    refuse('invalid_request', `The request does not name what its operation does: ${name}.`, { errors });
}

/** Preview of one exact operation: what it does, and what the ids in it stand for. `resolution` is null where nobody can look. */
export function previewOfExact(classified: Classified, resolution: Resolution | null): Preview {
  const blind = blindLines(classified, resolution !== null);
  return {
    effects: [`Runs ${classified.name}, once.`, ...new Set(classified.acts.map(effectOf))],
    touched: classified.acts.map(touchedBy),
    warnings: [
      ...(classified.class === 'safe' || classified.class === 'write' ? [] : [CLASS_WORDS[classified.class]]),
      ...(blind.length > 0 ? [BLIND] : []),
      ...(blind.length === 0 && resolution?.unknown === true ? [LOST] : []),
    ],
    maxRows: null,
    plan: null,
    found: [...(resolution?.found ?? []), ...blind],
    ...environmentOf(resolution, blind.length > 0),
    subject: blind.length > 0 ? null : (resolution?.subject ?? null),
  };
}

const BLIND = 'Nobody could look up what this would touch: no read is known that finds it out.';
const LOST = 'Not everything could be looked up. What is UNKNOWN may be anything, production too.';

const effectOf = ({ operation, class: klass, verb, resource, why }: Act): string =>
  `${operation} is ${klass} (${verb} ${resource}): ${why}`;

/** A part that was not looked up leaves the environment unknown; known production stays production. */
function environmentOf(resolution: Resolution | null, blind: boolean): Pick<Preview, 'environment'> {
  const environment = resolution?.environment;
  if (blind || resolution === null)
    return { environment: environment?.toLowerCase() === 'production' ? environment : null };
  return environment === undefined ? {} : { environment };
}

/**
 * What changes something and was not looked up. A resolver speaks for one field
 * alone: another one beside it, or the same one with other arguments, is UNKNOWN.
 */
function blindLines({ acts, args, resolver, others }: Classified, resolved: boolean): Found[] {
  const changes = acts.filter(({ class: klass }) => klass !== 'safe').filter(atRoot);
  const seen = resolved ? changes.find((act) => act.operation === resolver && isIn(act, args)) : undefined;
  const lines = changes.filter((act) => act !== seen).map(unknownLine);
  const more = `${others} more of the operation’s fields`;
  return changes.length > 0 && lines.length === 0 && others > 0 ? [unknown(more)] : lines;
}

/** What stands below a root field comes with it: its id is the root's. */
const atRoot = ({ operation }: Act): boolean => operation.includes(' ');

function isIn({ resource }: Act, args: Json): boolean {
  const id = resource.slice(resource.indexOf('/') + 1);
  return id === '*' || holds(args, id) || id.split('/').every((part) => holds(args, part));
}

function holds(value: Json, part: string): boolean {
  if (value === null || typeof value !== 'object') return String(value) === part;
  return Object.values(value).some((inside) => holds(inside as Json, part));
}

const unknown = (label: string): Found => ({ label, values: null, weight: 'danger', bound: false });

const unknownLine = ({ resource, operation }: Act): Found => unknown(`${resource} (${operation})`);

/**
 * Blocks what could not be looked up whole: for targets whose owner wants that. No denial, since the agent would
 * learn from it which ids there are.
 */
export function blockUnknown(preview: Preview, resolution: Resolution | null): Preview {
  const lost = (preview.found ?? []).filter(({ values }) => values === null).map(({ label }) => label);
  if (lost.length === 0 && resolution?.unknown !== true) return preview;
  const what = lost.length === 0 ? 'its environment' : lost.join(', ');
  return {
    ...preview,
    blocked: `Nobody could look up ${what}, and the owner of this target lets no such operation be approved. Check the ids in it.`,
  };
}
