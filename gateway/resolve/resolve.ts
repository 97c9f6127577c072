import type { Json } from '#lib/core';
import type { Resolver } from '#lib/profiles';
import { plainIdentifier } from '#lib/text';
import { contextOf, lookUp } from './context';
import { cut, type Found, factOf } from './facts';
import type { Reached } from './paths';
import { nameOf, type Read, runStep } from './step';

/** What the ids in an operation stand for. */
export interface Resolution {
  readonly found: readonly Found[];
  /** Where the thing lives, as the provider names it; `production` where any of it does. Null: unknown. Left out where the provider knows no environments. */
  readonly environment?: string | null;
  /** The thing's own name, where it has one that can be typed. */
  readonly subject: string | null;
  /** Something that should have been found out was not. */
  readonly unknown: boolean;
}

/** How many reads one look may take. */
const MOST_READS = 50;
const MOST_NAME = 80;

/**
 * Runs a profile's resolver: steps in order, each once for every value it goes
 * through. What a read refuses, breaks or does not find is UNKNOWN, and so is
 * all that rests on it. Rejects never.
 */
export async function resolve(
  resolver: Resolver,
  args: { readonly [name: string]: Json },
  read: Read,
): Promise<Resolution> {
  const limited = withLimit(read, MOST_READS);
  let context = contextOf(args);
  for (const step of resolver.steps) context = new Map([...context, [step.as, await runStep(step, context, limited)]]);
  const found = resolver.facts.map((rule) => factOf(rule, context));
  const environment = resolver.environment === null ? undefined : environmentOf(lookUp(context, resolver.environment));
  return {
    found,
    ...(environment === undefined ? {} : { environment }),
    subject: resolver.subject === null ? null : subjectOf(lookUp(context, resolver.subject)),
    unknown: found.some(({ values }) => values === null) || environment === null,
  };
}

function withLimit(read: Read, most: number): Read {
  let left = most;
  return (document, variables) => {
    left -= 1;
    return left < 0 ? Promise.reject(new Error('too many reads')) : read(document, variables);
  };
}

/** Production wins over its neighbours; one that is not known makes all of it unknown. */
function environmentOf({ values, dead, known }: Reached): string | null {
  const names = [
    ...new Set(values.flatMap(nameOf).map((name) => name.toWellFormed().replaceAll('\0', '\uFFFD'))),
  ].sort();
  const production = names.find((name) => name.trim().toLowerCase() === 'production');
  if (production !== undefined) return production.trim();
  const whole = known && dead === 0 && names.length > 0 && values.every((value) => nameOf(value).length === 1);
  return whole ? cut(names.join(', '), MOST_NAME) : null;
}

function subjectOf({ values, known }: Reached): string | null {
  const [name, ...others] = new Set(values.map((value) => nameOf(value)[0] ?? ''));
  if (!known || name === undefined || others.length > 0) return null;
  return name.length <= MOST_NAME && plainIdentifier(name) ? name : null;
}
