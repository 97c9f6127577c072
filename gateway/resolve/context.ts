import { canonicalText, type Json } from '#lib/core';
import type { Step } from '#lib/profiles';
import { type Reached, reach, splitRoot, together } from './paths';

/** What one step found, flat: every thing, whichever read it came from. */
export interface Findings {
  readonly things: readonly Json[];
  /** False where any of it was refused, failed, or is missing. */
  readonly known: boolean;
}

/** The operation's arguments under `args`, then every step's findings under its name. */
export type Context = ReadonlyMap<string, Findings>;

export const contextOf = (args: { readonly [name: string]: Json }): Context =>
  new Map([['args', { things: [args], known: true }]]);

/** `volume.name` and `volume[].name` are the same: a step's findings are a list, of one or of many. */
export function lookUp(context: Context, path: string): Reached {
  const { root, rest } = splitRoot(path);
  const findings = context.get(root);
  if (findings === undefined || !findings.known) return { values: [], dead: 0, known: false };
  return together(findings.things.map((thing) => reach(thing, rest)));
}

/** Variables of every read a step takes: one where each path has one value, more where a path has several. */
export interface Rows {
  readonly rows: ReadonlyArray<{ readonly [name: string]: Json }>;
  readonly known: boolean;
}

/**
 * Variables that go through the same list belong together, element by element;
 * those of different lists are combined. An element without its value is not
 * read for: there is nothing to look up. An argument that is missing is UNKNOWN,
 * unless the step says that there may be none.
 */
export function rowsOf({ variables, optional }: Pick<Step, 'variables' | 'optional'>, context: Context): Rows {
  let all: Rows = { rows: [{}], known: true };
  for (const { root, prefix, names } of groupsOf(variables)) {
    const found = prefix === null ? single(names, context) : eachOf(prefix, names, context);
    const group = found.known || root !== 'args' || optional !== true ? found : NOT_GIVEN;
    all = {
      rows: all.rows.flatMap((row) => group.rows.map((more) => ({ ...row, ...more }))),
      known: all.known && group.known,
    };
  }
  return { ...all, rows: each(all.rows) };
}

const NOT_GIVEN: Rows = { rows: [], known: true };

/** The same read twice finds the same things, and they would be shown as if there were twice as many. */
const each = (rows: Rows['rows']): Rows['rows'] => [...new Map(rows.map((row) => [canonicalText(row), row])).values()];

type Names = ReadonlyArray<readonly [name: string, path: string]>;

interface Group {
  readonly root: string;
  /** The list they go through: a step's findings, or the last `[]` of a path. Null: arguments that stand alone. */
  readonly prefix: string | null;
  readonly names: Names;
}

function groupsOf(variables: Readonly<Record<string, string>>): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [name, path] of Object.entries(variables)) {
    const prefix = prefixOf(path);
    // Arguments are given or not, each by itself.
    const key = prefix ?? `args ${name}`;
    const names = groups.get(key)?.names ?? [];
    groups.set(key, { root: splitRoot(path).root, prefix, names: [...names, [name, path]] });
  }
  return [...groups.values()];
}

function prefixOf(path: string): string | null {
  const { root, rest } = splitRoot(path);
  const end = rest.lastIndexOf('[]');
  if (end >= 0) return `${root}.${rest.slice(0, end + 2)}`;
  return root === 'args' ? null : root;
}

function single(names: Names, context: Context): Rows {
  const row: Record<string, Json> = {};
  for (const [name, path] of names) {
    const { values, known } = lookUp(context, path);
    const [value = null] = values;
    if (!known || value === null) return { rows: [], known: false };
    row[name] = value;
  }
  return { rows: [row], known: true };
}

function eachOf(prefix: string, names: Names, context: Context): Rows {
  const elements = lookUp(context, prefix);
  const rows = elements.values.map((element) => {
    const reached = names.map(([name, path]) => ({ name, ...reach(element, tail(path, prefix)) }));
    return {
      row: Object.fromEntries(reached.map(({ name, values }) => [name, values[0] ?? null])),
      known: reached.every(({ known }) => known),
    };
  });
  return {
    rows: rows.filter(({ row }) => Object.values(row).every((value) => value !== null)).map(({ row }) => row),
    known: elements.known && rows.every(({ known }) => known),
  };
}

/** What follows the list: `volume.instances[].id` after `volume.instances[]` → `id`. */
function tail(path: string, prefix: string): string {
  const { root, rest } = splitRoot(path);
  return `${root}.${rest}`.slice(prefix.length).replace(/^\./, '');
}
