import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import type { FactRule } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import { type Context, lookUp } from './context';
import { reach } from './paths';

/** One line of what was looked up. */
export type Found = NonNullable<Preview['found']>[number];

/** More than these are cut: a person does not read them before signing. */
const MOST_VALUES = 20;
const MOST_CHARACTERS = 200;

/** What a thing without the asked field is called: it is there, and it must be seen to be. */
const NOT_GIVEN = 'not given';

/** The line of one rule. What could not be is null: the page says UNKNOWN, never a guess (P7). */
export function factOf(rule: FactRule, context: Context): Found {
  const { label, weight, bound } = rule;
  return { label, values: valuesOf(rule, context), weight, bound };
}

function valuesOf(rule: FactRule, context: Context): string[] | null {
  const found = rule.also === undefined ? plainLines(rule, context) : linesWith(rule.also, rule, context);
  if (found === null) return null;
  if (rule.show === 'count') return found.length === 0 ? nothing(rule, '0') : [withUnit(found.length, rule.unit)];
  const given = rule.show === 'value' ? found.filter(({ value }) => value !== null) : found;
  const texts = given.map(({ value, behind }) => `${shownAs(value, rule.unit)}${behind}`);
  const shown = (rule.show === 'value' ? [...new Set(texts)] : texts).sort();
  return shown.length === 0 ? nothing(rule, null) : bounded(shown, rule.bound);
}

interface Line {
  readonly value: Json;
  /** What stands behind it in the same line. */
  readonly behind: string;
}

function plainLines({ path }: FactRule, context: Context): readonly Line[] | null {
  const { values, known } = lookUp(context, path);
  return known ? values.flatMap(spread).map((value) => ({ value, behind: '' })) : null;
}

/** The value with its thing's other fields, so that one sees which belongs to which. */
function linesWith(also: readonly string[], { path }: FactRule, context: Context): readonly Line[] | null {
  const end = path.lastIndexOf('.');
  const things = lookUp(context, path.slice(0, Math.max(0, end)));
  const lines = things.values.flatMap((thing) => {
    const reached = reach(thing, path.slice(end + 1));
    const others = also.map((other) => reach(thing, other));
    if (!reached.known || others.some((other) => !other.known)) return [null];
    const behind = others.map(({ values }) =>
      values
        .flatMap(spread)
        .map((value) => shownAs(value, undefined))
        .join(' '),
    );
    return reached.values
      .flatMap(spread)
      .map((value) => ({ value, behind: ` (${behind.map((text) => text || NOT_GIVEN).join(', ')})` }));
  });
  const whole = lines.filter((line) => line !== null);
  return things.known && whole.length === lines.length ? whole : null;
}

const shownAs = (value: Json, unit: string | undefined): string => (value === null ? NOT_GIVEN : textOf(value, unit));

/** The read worked and there is none. */
function nothing({ empty, unit }: FactRule, zero: string | null): string[] | null {
  if (empty !== undefined) return [empty];
  return zero === null ? null : [unit === undefined ? zero : `${zero} ${unit}`];
}

const spread = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [value]);

function textOf(value: Json, unit: string | undefined): string {
  if (typeof value === 'string') return unit === undefined ? plain(value) : `${plain(value)} ${unit}`;
  if (typeof value === 'number') return withUnit(value, unit);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return plain(canonicalText(value));
}

/** Only amounts are grouped by thousands; a bare number may be a name. */
const withUnit = (value: number, unit: string | undefined): string =>
  unit === undefined ? String(value) : `${value.toLocaleString('en-US')} ${unit}`;

/** As it came, but text that the database and the statement can hold. */
const plain = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

/** Cut for the eye; what is bound is compared whole, by its fingerprint. */
function bounded(texts: readonly string[], bound: boolean): string[] {
  const lines = texts.slice(0, MOST_VALUES).map((text) => cut(text, MOST_CHARACTERS));
  const more = texts.length > MOST_VALUES ? [`… and ${texts.length - MOST_VALUES} more`] : [];
  const whole = more.length === 0 && lines.every((line, index) => line === texts[index]);
  return whole || !bound ? [...lines, ...more] : [...lines, ...more, `All of it has the fingerprint ${digest(texts)}`];
}

const digest = (texts: readonly string[]): string => sha256Base64url(canonicalText(texts));

/** At most so many characters, none of them split. */
export function cut(text: string, most: number): string {
  const characters = [...text.slice(0, most * 2 + 2)];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
