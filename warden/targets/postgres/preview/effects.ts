import type { Preview } from '#lib/statement';
import type { Ask } from '#lib/targets';
import { formatDuration } from '#lib/text';
import {
  cascadeOfDelete,
  cascadeOfTruncate,
  cascadeOfUpdate,
  type Dependent,
  type Trigger,
} from '../catalog/dependents';
import { resourceOf, type Table } from '../catalog/tables';

/** What the catalogue says about the tables asked for. */
interface Facts {
  readonly tables: readonly Table[];
  readonly dependents: readonly Dependent[];
  readonly triggers: readonly Trigger[];
}

type Touched = Preview['touched'][number];

export interface Name {
  readonly schema: string;
  readonly name: string;
}

const named = (object: Name): string => `${object.schema}.${object.name}`;
const count = (rows: number): string => rows.toLocaleString('en-US');
const whole = (rows: number | null): number | null => (rows === null ? null : Math.round(rows));
const about = (rows: number | null): string =>
  rows === null
    ? 'an unknown number of rows'
    : `about ${count(Math.round(rows))} ${Math.round(rows) === 1 ? 'row' : 'rows'}`;

const SENTENCES: Readonly<Record<string, (table: Table, time: string) => string>> = {
  select: (table, time) => `May SELECT all of ${about(table.estimatedRows)} in ${named(table)} for ${time}.`,
  insert: (table, time) => `May INSERT any number of rows into ${named(table)} for ${time}.`,
  update: (table, time) => `May UPDATE any of ${about(table.estimatedRows)} in ${named(table)} for ${time}.`,
  delete: (table, time) => `May DELETE any of ${about(table.estimatedRows)} from ${named(table)} for ${time}.`,
  truncate: (table, time) => `May TRUNCATE ${named(table)}, all of ${about(table.estimatedRows)} at once, for ${time}.`,
};

/** Preview of a credential: everything it could do while it lives. */
export function previewOfCredential(facts: Facts, ask: Ask): Preview {
  const time = formatDuration(ask.ttlSeconds);
  return {
    effects: [
      ...facts.tables.flatMap((table) => ask.verbs.flatMap((verb) => SENTENCES[verb]?.(table, time) ?? [])),
      ...cascades(facts, ask.verbs).map(cascadeSentence),
    ],
    touched: [
      ...facts.tables.flatMap((table) => ask.verbs.map((verb) => touched(table, verb))),
      ...cascades(facts, ask.verbs).map(({ link, how }) => touched(link, how)),
    ],
    warnings: warningsOf(facts, ask.verbs),
    maxRows: null,
    plan: null,
  };
}

export const touched = (table: Name & { readonly estimatedRows: number | null }, how: string): Touched => ({
  resource: resourceOf(table),
  how,
  countedRows: null,
  estimatedRows: whole(table.estimatedRows),
});

const WORDS: Readonly<Record<string, string>> = { c: 'cascade', n: 'set to null', d: 'set to default' };

interface Along {
  readonly link: Dependent;
  readonly how: string;
}

export const cascadeSentence = ({ link, how }: Along): string =>
  `Rows of ${named(link)} would go along (${how}), through ${link.from}.`;

/** Foreign keys carry a change into tables nobody named. A cascade needs no right there. */
export function cascades(
  facts: Pick<Facts, 'dependents'> & { readonly tables: readonly Name[] },
  verbs: readonly string[],
): Along[] {
  const roots = facts.tables.map(named);
  const deletes = verbs.includes('delete') ? cascadeOfDelete(facts.dependents, roots) : [];
  const updates = verbs.includes('update') ? cascadeOfUpdate(facts.dependents, roots) : [];
  return [
    ...deletes.map((link) => ({
      link,
      how: link.onDelete === 'c' ? 'delete by cascade' : `update by cascade, ${WORDS[link.onDelete] ?? ''}`,
    })),
    ...updates.map((link) => ({
      link,
      how: link.onUpdate === 'c' ? 'update by cascade, of the key' : `update by cascade, ${WORDS[link.onUpdate] ?? ''}`,
    })),
  ];
}

function warningsOf({ tables, dependents, triggers }: Facts, verbs: readonly string[]): string[] {
  const blocking = verbs.includes('truncate') ? cascadeOfTruncate(dependents, tables.map(named)).map(named) : [];
  return [
    ...(!verbs.includes('select') && verbs.some((verb) => verb === 'update' || verb === 'delete')
      ? ['Without SELECT the role cannot use WHERE on a column: it can only change all rows.']
      : []),
    ...(blocking.length > 0
      ? [`TRUNCATE fails while ${blocking.join(', ')} refer to it and are not part of the grant.`]
      : []),
    ...triggers.filter((trigger) => trigger.events.some((event) => verbs.includes(event))).map(triggerWarning),
    ...tables
      .filter((table) => table.kind === 'view')
      .map(
        (table) =>
          `${named(table)} is a view: what goes through it happens with its owner's rights, in the tables below it.`,
      ),
    ...tables
      .filter((table) => table.rowSecurity)
      .map(
        (table) => `Row-level security is on for ${named(table)}: a new role sees what its policies give to everyone.`,
      ),
    ...tables.flatMap((table) => publicWarning(table, verbs)),
  ];
}

export const triggerWarning = (trigger: Trigger): string =>
  `Trigger ${trigger.name} on ${trigger.schema}.${trigger.table} runs on ${trigger.events.join(', ')}${trigger.definer ? ", with its owner's rights" : ''}.`;

function publicWarning(table: Table, verbs: readonly string[]): string[] {
  const extra = table.publicVerbs.filter((verb) => !verbs.includes(verb));
  return extra.length === 0
    ? []
    : [
        `PUBLIC holds ${extra.join(', ').toUpperCase()} on ${named(table)}: this credential has it too, approved or not.`,
      ];
}
