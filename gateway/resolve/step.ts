import type { Json } from '#lib/core';
import type { Step } from '#lib/profiles';
import { type Context, type Findings, lookUp, rowsOf } from './context';
import { reach, splitRoot } from './paths';

/** One read at the provider: a GraphQL document, or an HTTP path with `{name}`. Rejects where it has no whole answer. */
export type Read = (read: string, variables: Variables) => Promise<Json>;

type Variables = { readonly [name: string]: Json };

const UNKNOWN: Findings = { things: [], known: false };
const NOTHING: Findings = { things: [], known: true };

/** Runs a step once for every value it goes through. Never rejects: a failed read leaves its values UNKNOWN. */
export async function runStep(step: Step, context: Context, read: Read): Promise<Findings> {
  const { rows, known } = rowsOf(step, context);
  const found: Findings[] = [];
  for (const variables of rows) found.push(await readAll(step, variables, read));
  const all = { things: found.flatMap(({ things }) => things), known: known && found.every((one) => one.known) };
  return all.known && step.where !== undefined ? matching(all.things, step, context) : all;
}

/** One read, and its next pages. */
async function readAll(step: Step, variables: Variables, read: Read): Promise<Findings> {
  const pages: Findings[] = [];
  let after: string | null = null;
  try {
    do {
      const answer: Json = await read(step.read, after === null ? variables : { ...variables, after });
      pages.push(taken(step, answer));
      after = nextPage(step, answer);
    } while (after !== null);
  } catch {
    return UNKNOWN;
  }
  return { things: pages.flatMap(({ things }) => things), known: pages.every(({ known }) => known) };
}

/** The cursor of the next page, or null where this is the last. Throws where the provider does not say. */
function nextPage({ pages }: Step, answer: Json): string | null {
  if (pages === undefined) return null;
  const [more] = reach(answer, `${pages}.hasNextPage`).values;
  const [cursor] = reach(answer, `${pages}.endCursor`).values;
  if (more === false) return null;
  if (more === true && typeof cursor === 'string') return cursor;
  throw new Error('nobody knows whether there is more');
}

/** A null where the thing should stand is a thing that was not found, and a part of a list is none. */
function taken({ take, whole = [] }: Step, answer: Json): Findings {
  const { values, dead, known } = reach(answer, take);
  const things = values.flatMap((value) => (Array.isArray(value) ? (value as readonly Json[]) : [value]));
  const complete = whole
    .map((path) => reach(answer, path))
    .every((one) => one.known && one.dead === 0 && one.values.every((more) => more === false));
  return { things, known: known && dead === 0 && complete && things.every((thing) => thing !== null) };
}

/** What is left of all reads together. */
function matching(things: readonly Json[], { where, optional }: Step, context: Context): Findings {
  const [field, equals] = where ?? ['', ''];
  const wanted = lookUp(context, equals);
  const names = wanted.values.flatMap(nameOf);
  if (names.length === 0 || !wanted.known)
    return optional === true && splitRoot(equals).root === 'args' ? NOTHING : UNKNOWN;
  const looked = things.map((thing) => ({ thing, ...reach(thing, field) }));
  if (!looked.every(({ known }) => known)) return UNKNOWN;
  const same = looked.filter(({ values }) => values.flatMap(nameOf).some((name) => names.includes(name)));
  return { things: same.map(({ thing }) => thing), known: optional === true || same.length > 0 };
}

/** A path's id is text where the body's is a number. */
export const nameOf = (value: Json): readonly string[] =>
  typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
