import type { Json } from '#lib/core';

/** What a path leads to. */
export interface Reached {
  /** Every value at the path's end; null where the thing is there and this of it is not given. */
  readonly values: readonly Json[];
  /** Ways that ended early at a null: there is nothing there. */
  readonly dead: number;
  /** False where the answer has no such way: another shape than the profile expects is no answer. */
  readonly known: boolean;
}

interface Segment {
  readonly key: string;
  /** How many `[]` follow it. */
  readonly lists: number;
}

const NOWHERE: Reached = { values: [], dead: 0, known: false };

/** Values at a dotted path; `[]` goes through every element of a list, '' is the value itself. Never guesses. */
export function reach(value: Json, path: string): Reached {
  const segments = segmentsOf(path);
  return segments === null ? NOWHERE : walk(value, segments);
}

/** The path's first name and what follows it: `volume[].name` → `volume`, `name`. */
export function splitRoot(path: string): { readonly root: string; readonly rest: string } {
  const [first = '', ...rest] = path.split('.');
  return { root: first.replace(/(?:\[\])+$/, ''), rest: rest.join('.') };
}

/** Many ways as one: known only where each is. */
export const together = (all: readonly Reached[]): Reached => ({
  values: all.flatMap(({ values }) => values),
  dead: all.reduce((sum, { dead }) => sum + dead, 0),
  known: all.every(({ known }) => known),
});

function segmentsOf(path: string): readonly Segment[] | null {
  if (path === '') return [];
  const segments = path.split('.').map((text) => /^([^.[\]]*)((?:\[\])*)$/.exec(text));
  if (segments.some((match, index) => match === null || (match[1] === '' && (index > 0 || match[2] === ''))))
    return null;
  return segments.map((match) => ({ key: match?.[1] ?? '', lists: (match?.[2] ?? '').length / 2 }));
}

function walk(value: Json, segments: readonly Segment[]): Reached {
  const [next, ...rest] = segments;
  if (next === undefined) return { values: [value], dead: 0, known: true };
  if (value === null) return { values: [], dead: 1, known: true };
  const inside = next.key === '' ? value : own(value, next.key);
  return inside === undefined ? NOWHERE : through(inside, next.lists, rest);
}

function through(value: Json, lists: number, rest: readonly Segment[]): Reached {
  if (lists === 0) return walk(value, rest);
  // A null in place of a list may be an empty one or a withheld one: nobody knows.
  if (!Array.isArray(value)) return NOWHERE;
  return together((value as readonly Json[]).map((element) => through(element, lists - 1, rest)));
}

/** Own fields only: what an answer inherits from JavaScript is not in it. */
function own(value: Json, key: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as { readonly [key: string]: Json })[key] : undefined;
}
