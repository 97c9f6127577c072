import { refuse } from '#lib/core';
import type { Preview } from '#lib/statement';
import type { SqlOperation } from '#lib/targets';
import type { Dependent, Trigger } from '../catalog/dependents';
import { ANY_TABLE, resourceOf } from '../catalog/tables';
import type { Counted, DryRun } from './dry-run';
import { cascadeSentence, cascades, touched, triggerWarning } from './effects';
import type { Use } from './plan';

/** What the catalogue says about the tables the plan writes. */
export interface OperationFacts {
  readonly dependents: readonly Dependent[];
  readonly triggers: readonly Trigger[];
  /** Whether the trial run was allowed. */
  readonly countRows: boolean;
}

type Touched = Preview['touched'][number];

export const writes = (uses: readonly Use[]): Use[] => uses.filter((use) => use.how !== 'select');

/** Preview of one exact statement. Throws `invalid_request` where nobody could say how many rows it may touch. */
export function previewOfOperation(run: DryRun, facts: OperationFacts, operation: SqlOperation): Preview {
  const found = run.counted === null ? expected(run, facts) : counted(run.uses, run.counted);
  return {
    ...found,
    touched: run.untried?.mayWriteMore === true ? [...found.touched, ANYTHING] : found.touched,
    warnings: warnings(run, facts, operation),
    maxRows: maxRows(run, facts, operation),
    plan: run.plan,
  };
}

/** What the database's own code writes nobody sees before: it is held to the number of rows alone. */
const ANYTHING: Touched = {
  resource: ANY_TABLE,
  how: 'whatever its triggers and functions write',
  countedRows: null,
  estimatedRows: null,
};

function maxRows(run: DryRun, facts: OperationFacts, operation: SqlOperation): number {
  if (operation.maxRows !== undefined) return operation.maxRows;
  if (run.counted !== null) return run.counted.total;
  return facts.countRows ? 0 : refuseUncounted();
}

export const refuseUncounted = (): never =>
  refuse(
    'invalid_request',
    'This statement cannot be tried before it is approved, so its rows are not counted. Say operation.maxRows: the most rows it may touch, cascades and triggers included.',
    { errors: [{ pointer: '/operation/maxRows', detail: 'Needed for this statement at this target.' }] },
  );

/** The trial run counted, cascades and triggers included. */
function counted(uses: readonly Use[], { written, rowCount }: Counted): Pick<Preview, 'effects' | 'touched'> {
  const deltas = written
    .flatMap((one) => [
      { resource: one.resource, verb: 'insert', rows: one.inserted },
      { resource: one.resource, verb: 'update', rows: one.updated },
      { resource: one.resource, verb: 'delete', rows: one.deleted },
    ])
    .filter((delta) => delta.rows > 0);
  const planned = uses.map((use): Touched => {
    const delta = deltas.find((one) => one.resource === resourceOf(use) && one.verb === use.how);
    return { ...asTouched(use), countedRows: use.how === 'select' ? null : (delta?.rows ?? 0) };
  });
  const unplanned = deltas.filter(
    (delta) => !uses.some((use) => resourceOf(use) === delta.resource && use.how === delta.verb),
  );
  const along = unplanned.map(
    (delta): Touched => ({
      resource: delta.resource,
      how: `${delta.verb} by cascade or trigger`,
      countedRows: delta.rows,
      estimatedRows: null,
    }),
  );
  const changed = [...planned, ...along].filter((one) => one.how !== 'select');
  return {
    effects:
      changed.length === 0
        ? [`Would return ${rowsOf(rowCount)}.`]
        : changed.map(
            (one) => `Would ${one.how} ${rowsOf(one.countedRows ?? 0)} in ${one.resource.replace('table/', '')}.`,
          ),
    touched: [...planned, ...along],
  };
}

/** Only planned: the planner's guesses, and what the catalogue says would go along. */
function expected(run: DryRun, facts: OperationFacts): Pick<Preview, 'effects' | 'touched'> {
  const along = (['update', 'delete'] as const).flatMap((verb) =>
    cascades({ dependents: facts.dependents, tables: run.uses.filter((use) => use.how === verb) }, [verb]),
  );
  const changing = writes(run.uses);
  return {
    effects: [
      ...(changing.length === 0
        ? ['Would only read.']
        : changing.map(
            (use) =>
              `Would ${use.how} rows in ${use.schema}.${use.name}${use.rows === null ? '' : `, about ${use.rows.toLocaleString('en-US')} by the planner's guess`}.`,
          )),
      ...along.map(cascadeSentence),
    ],
    touched: [...run.uses.map(asTouched), ...along.map(({ link, how }) => touched(link, how))],
  };
}

const asTouched = (use: Use): Touched => touched({ ...use, estimatedRows: use.rows }, use.how);

const rowsOf = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;

function warnings(run: DryRun, facts: OperationFacts, operation: SqlOperation): string[] {
  const fires = (trigger: Trigger): boolean =>
    writes(run.uses).some(
      (use) => use.schema === trigger.schema && use.name === trigger.table && trigger.events.includes(use.how),
    );
  const above = operation.maxRows !== undefined && run.counted !== null && run.counted.total > operation.maxRows;
  return [
    ...(run.untried === null
      ? []
      : [
          `Not ${run.untried.what} before it is approved, so its rows are not counted: ${run.untried.why.slice(0, 10).join('; ')}.`,
        ]),
    ...(run.trouble === null
      ? []
      : [`The trial run failed, so nothing is counted and it would fail the same way when approved: ${run.trouble}`]),
    ...(above
      ? [
          `It touches more than maxRows now, so it would not run: ${rowsOf(run.counted?.total ?? 0)}, and maxRows is ${operation.maxRows}.`,
        ]
      : []),
    ...facts.triggers.filter(fires).map(triggerWarning),
  ];
}
