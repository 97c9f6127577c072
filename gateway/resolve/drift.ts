import { canonicalText } from '#lib/core';
import type { Preview } from '#lib/statement';
import { visible } from '#lib/text';
import type { Found } from './facts';

/**
 * The sentence why the world is not the one that was approved, or null. Bound
 * lines, environment, name and what the operation is must be as they were; what
 * only informs may change.
 */
export function driftOf(approved: Preview, now: Preview): string | null {
  if (now.blocked !== undefined) return `Not run: ${now.blocked}`;
  const [before, after] = [linesOf(approved), linesOf(now)];
  for (const label of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [valuesIn(before, label), valuesIn(after, label)];
    if (canonicalText(was) !== canonicalText(is)) return sentence(label, was, is);
  }
  return null;
}

/** Null: UNKNOWN. */
type Values = readonly string[] | null;

/** UNKNOWN is not the same as not there. */
const valuesIn = (lines: ReadonlyMap<string, Values>, label: string): Values => {
  const values = lines.get(label);
  return values === undefined ? [] : values;
};

const sentence = (label: string, was: Values, is: Values): string =>
  `Not run: the world changed since the approval. ${clean(label)}: was ${words(was)}, is ${words(is)}. File the request again to have it looked at anew.`;

const words = (values: Values): string =>
  values === null ? 'UNKNOWN' : values.length === 0 ? 'not there' : clean(values.join(', '));

/** The provider's words: nothing hidden in them, and not many. */
const clean = (text: string): string => visible(text.length > 200 ? `${text.slice(0, 199)}…` : text);

/** Everything that must not change, by what it is called. */
function linesOf({ found = [], environment = null, subject = null, touched }: Preview): Map<string, Values> {
  const lines = new Map<string, Values>([
    ['What it does', touched.map(({ resource, how }) => `${how} ${resource}`)],
    ['Environment', environment === null ? null : [environment]],
    ['Name', subject === null ? null : [subject]],
  ]);
  const bound = found.filter((line) => line.bound);
  for (const [index, line] of bound.entries()) lines.set(keyOf(line, index, lines), line.values);
  return lines;
}

/** Two lines of one label stay two. */
const keyOf = ({ label }: Found, index: number, lines: ReadonlyMap<string, Values>): string =>
  lines.has(label) ? `${label} (${index + 1})` : label;
