import { z } from 'zod';
import { refuse } from '#lib/core';

/** One table as the planner means to use it. */
export interface Use {
  readonly schema: string;
  readonly name: string;
  readonly how: 'select' | 'insert' | 'update' | 'delete';
  /** Rows the planner expects; null where it does not say. */
  readonly rows: number | null;
}

interface Node {
  readonly 'Node Type': string;
  readonly Operation?: string | undefined;
  readonly 'Relation Name'?: string | undefined;
  readonly Schema?: string | undefined;
  readonly 'Plan Rows'?: number | undefined;
  readonly 'Conflict Resolution'?: string | undefined;
  readonly 'Parent Relationship'?: string | undefined;
  readonly 'Target Tables'?:
    | readonly { readonly 'Relation Name'?: string | undefined; readonly Schema?: string | undefined }[]
    | undefined;
  readonly Plans?: readonly Node[] | undefined;
}

const Target = z.object({ 'Relation Name': z.string().optional(), Schema: z.string().optional() });
const Node: z.ZodType<Node> = z.object({
  'Node Type': z.string(),
  Operation: z.string().optional(),
  'Relation Name': z.string().optional(),
  Schema: z.string().optional(),
  'Plan Rows': z.number().optional(),
  'Conflict Resolution': z.string().optional(),
  'Parent Relationship': z.string().optional(),
  'Target Tables': z.array(Target).optional(),
  Plans: z.lazy(() => z.array(Node)).optional(),
});
const Explained = z.array(z.object({ Plan: Node.optional() })).length(1);

/** Every table in `EXPLAIN (VERBOSE, FORMAT JSON)`, each way of using it once. Throws `invalid_request` where there is no plan. */
export function usesOf(explained: unknown): Use[] {
  const parsed = Explained.safeParse(explained);
  const plan = parsed.data?.[0]?.Plan;
  if (plan === undefined) return refuse('invalid_request', 'The statement has no plan to show.');
  const uses = new Map<string, Use>();
  for (const use of walk(plan)) {
    const id = `${use.schema}.${use.name} ${use.how}`;
    const known = uses.get(id);
    uses.set(id, known === undefined ? use : { ...use, rows: Math.max(known.rows ?? 0, use.rows ?? 0) });
  }
  return [...uses.values()];
}

function walk(node: Node): Use[] {
  return [...own(node), ...(node.Plans ?? []).flatMap(walk)];
}

function own(node: Node): Use[] {
  if (node['Node Type'] !== 'ModifyTable')
    return relation(node).map((table) => ({ ...table, how: 'select', rows: node['Plan Rows'] ?? null }));
  const rows = node.Plans?.find((child) => child['Parent Relationship'] === 'Outer')?.['Plan Rows'] ?? null;
  // A partitioned target lists its partitions; its own name stands on the node where there is one.
  const tables = [...relation(node), ...(node['Target Tables'] ?? []).flatMap(relation)];
  return tables.flatMap((table) => verbsOf(node).map((how) => ({ ...table, how, rows })));
}

function relation(node: {
  readonly 'Relation Name'?: string | undefined;
  readonly Schema?: string | undefined;
}): { schema: string; name: string }[] {
  const { 'Relation Name': name, Schema: schema } = node;
  return name === undefined || schema === undefined ? [] : [{ schema, name }];
}

/** What a ModifyTable node may do. Unknown is everything (P7). */
function verbsOf(node: Node): Use['how'][] {
  switch (node.Operation) {
    case 'Insert':
      return node['Conflict Resolution'] === 'UPDATE' ? ['insert', 'update'] : ['insert'];
    case 'Update':
      return ['update'];
    case 'Delete':
      return ['delete'];
    default:
      return ['insert', 'update', 'delete'];
  }
}
