import type { Tree } from './parser';

/*
 * What a statement names, read from its tree alone. A node or a part of one that
 * is not listed here is told, and nothing is planned that has one.
 */

/** A name as it stands there, with its schema where it has one. */
export interface Name {
  readonly schema: string | null;
  readonly name: string;
}

export type How = 'select' | 'insert' | 'update' | 'delete';

export interface Outline {
  readonly functions: readonly Name[];
  readonly operators: readonly Name[];
  readonly types: readonly Name[];
  /** Last parts of `a.b`: a column, or a function of one row written like one. */
  readonly fields: readonly string[];
  /** What stands behind the dot of `(a).b`, where `a` may be anything: a part, a function of it, or a type it is cast to. */
  readonly methods: readonly string[];
  /** Every relation, and how it is used. Names of WITH queries are among them: whose they are only the server can say. */
  readonly relations: ReadonlyArray<Name & { readonly how: How }>;
  /** Of WITH. */
  readonly queries: readonly string[];
  /** Whether a column, or all of them, is written anywhere but where it is set. */
  readonly readsColumns: boolean;
  /** Whether rows come from anywhere but relations that it names. */
  readonly hasInnerRows: boolean;
  /** Whether DEFAULT is written anywhere. */
  readonly setsDefaults: boolean;
  /** What is not on the lists below, by PostgreSQL's own name for it. */
  readonly unknown: readonly string[];
}

/** Deeper than anybody writes. */
const MOST_DEPTH = 300;

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const NODES = words(`
  SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt MergeWhenClause CommonTableExpr RangeVar RangeSubselect
  RangeFunction JoinExpr ResTarget SortBy WindowDef A_Expr A_Const A_Star A_ArrayExpr A_Indirection A_Indices
  BoolExpr NullTest BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr SQLValueFunction SubLink RowExpr
  GroupingSet ColumnRef ParamRef TypeCast TypeName FuncCall NamedArgExpr SetToDefault MultiAssignRef List String
  Integer Float Boolean BitString IndexElem`);

/** Parts that no node of their own marks. Places, flags and names are passed over. */
const PARTS = words(`
  agg_distinct agg_filter agg_order agg_star agg_within_group alias aliascolnames aliasname node all arg
  arg_number args argnumber arrayBounds booltesttype boolop boolval bsval catalogname cols columns condition
  colnames colno commandType content ctealiascolumnnames ctematerialized ctename ctequery ctes defresult
  distinctClause elements endOffset expr exprs fields frameOptions fromClause func_variadic funcformat funcname
  functions fval groupClause groupDistinct havingClause indexElems indirection infer inh isNatural isnull
  is_rowsfrom is_slice items ival joinCondition jointype join_using_alias kind larg lateral lexpr lidx
  limitCount limitOffset limitOption list_end list_start location matchKind mergeWhenClauses multidims name
  names ncolumns nullordering nulltesttype nulls_ordering number onConflictClause op ordering ordinality
  orderClause over override partitionClause pct_type quals rarg recursive refname relation relname
  relpersistence result returningClause returningList rexpr rexpr_list_end rexpr_list_start row_format rtindex
  schemaname selectStmt setof sortClause sortby_dir sortby_nulls source sourceRelation startOffset subLinkType
  subquery subselect sval targetList testexpr typeName typemod typmod typmods uidx useOp usingClause val
  valuesLists values whereClause windowClause withClause xpr operName action conname unique`);

interface Found {
  readonly functions: Name[];
  readonly operators: Name[];
  readonly types: Name[];
  readonly fields: Set<string>;
  readonly methods: Set<string>;
  readonly relations: Array<Name & { readonly how: How }>;
  readonly queries: string[];
  readonly unknown: Set<string>;
  readsColumns: boolean;
  hasInnerRows: boolean;
  setsDefaults: boolean;
}

/** Names everything in a statement that PostgreSQL would look up. */
export function outlineOf(statement: Tree): Outline {
  const found: Found = {
    ...{ functions: [], operators: [], types: [], relations: [], queries: [] },
    ...{ fields: new Set<string>(), methods: new Set<string>(), unknown: new Set<string>() },
    ...{ readsColumns: false, hasInnerRows: false, setsDefaults: false },
  };
  walk(statement, found, 0);
  const { fields, methods, unknown } = found;
  return { ...found, fields: [...fields], methods: [...methods], unknown: [...unknown] };
}

function walk(value: unknown, found: Found, depth: number): void {
  if (value === null || typeof value !== 'object') return;
  if (depth > MOST_DEPTH) return void found.unknown.add('depth');
  if (Array.isArray(value)) {
    for (const one of value) walk(one, found, depth + 1);
    return;
  }
  const tree = value as Tree;
  for (const [key, inside] of Object.entries(tree)) {
    if (/^[A-Z]/.test(key)) node(key, inside as Tree, found);
    else if (!PARTS.has(key)) found.unknown.add(key);
    else part(key, inside as Tree, found);
    walk(inside, found, depth + 1);
  }
}

const EQUAL: Name = { schema: null, name: '=' };

/** Longer values are made out of nothing by a cast: `1::bit(83886080)`. */
const MOST_LENGTH = 10_000;

function typeOf(tree: Tree, { types, unknown }: Found): void {
  types.push(nameIn(tree['names']));
  for (const part of (tree['typmods'] ?? []) as readonly {
    readonly A_Const?: { readonly ival?: { readonly ival?: number } };
  }[])
    if ((part.A_Const?.ival?.ival ?? 0) > MOST_LENGTH) unknown.add(`a type of more than ${MOST_LENGTH} places`);
}

/** 1e65000 times itself keeps a planner busy, and nothing interrupts that. */
function isHuge(tree: Tree): boolean {
  const { fval, sval } = tree as {
    readonly fval?: { readonly fval?: string };
    readonly sval?: { readonly sval?: string };
  };
  const number = fval?.fval ?? sval?.sval ?? '';
  return (fval !== undefined && number.length > 400) || /^\s*[-+]?[\d._]*e[-+]?0*\d{3,}\s*$/i.test(number);
}

type Names = (tree: Tree, found: Found) => void;

/** What one node names by itself. */
const NAMING: Readonly<Record<string, Names>> = {
  FuncCall: (tree, { functions }) => void functions.push(nameIn(tree['funcname'])),
  A_Expr: (tree, { operators }) => void operators.push(...operatorsOf(tree)),
  SubLink: ({ operName, testexpr }, found) => {
    found.hasInnerRows = true;
    // x IN (SELECT …) is x = ANY (SELECT …).
    if (operName !== undefined) found.operators.push(nameIn(operName));
    else if (testexpr !== undefined) found.operators.push(EQUAL);
  },
  RangeSubselect: (_, found) => {
    found.hasInnerRows = true;
  },
  RangeFunction: (_, found) => {
    found.hasInnerRows = true;
  },
  // USING and NATURAL are =.
  JoinExpr: ({ usingClause, isNatural }, { operators }) =>
    void (usingClause === undefined && isNatural !== true ? undefined : operators.push(EQUAL)),
  SortBy: ({ useOp }, { operators }) => void (useOp === undefined || operators.push(nameIn(useOp))),
  // CASE x WHEN y is x = y.
  CaseExpr: ({ arg }, { operators }) => void (arg === undefined || operators.push(EQUAL)),
  ColumnRef: (tree, found) => {
    found.readsColumns = true;
    fieldsOf(textsIn(tree['fields']).slice(1), found);
  },
  CommonTableExpr: ({ ctename }, found) => {
    found.hasInnerRows = true;
    found.queries.push(String(ctename ?? ''));
  },
  A_Indirection: (tree, { methods }) => {
    for (const name of textsIn(tree['indirection'])) methods.add(name);
  },
  A_Const: (tree, found) => {
    if (isHuge(tree)) found.unknown.add('a number of so many digits');
  },
  TypeName: (tree, found) => typeOf(tree, found),
  SetToDefault: (_, found) => {
    found.setsDefaults = true;
  },
  RangeVar: (tree, { relations }) => void relations.push({ ...relationName(tree), how: 'select' }),
  InsertStmt: changing(() => ['insert']),
  UpdateStmt: changing(() => ['update']),
  DeleteStmt: changing(() => ['delete']),
  MergeStmt: changing(mergeHows),
};

function node(kind: string, tree: Tree, found: Found): void {
  if (NODES.has(kind)) NAMING[kind]?.(tree, found);
  else found.unknown.add(kind);
}

/** Typed fields stand without a node's name around them. */
function part(key: string, tree: Tree, found: Found): void {
  if (key === 'typeName') typeOf(tree, found);
}

function fieldsOf(names: readonly string[], { fields }: Found): void {
  for (const name of names) fields.add(name);
}

/** A statement names what it changes without a node's name around it. */
function changing(hows: (tree: Tree) => readonly How[]): Names {
  return (tree, { relations }) => {
    const onConflict = tree['onConflictClause'] as Tree | undefined;
    const all = onConflict?.['action'] === 'ONCONFLICT_UPDATE' ? [...hows(tree), 'update' as const] : hows(tree);
    for (const how of all) relations.push({ ...relationName(tree['relation'] as Tree), how });
  };
}

const MERGES: Readonly<Record<string, How>> = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' };

/** MERGE does what its clauses say, and looks where they all say to do nothing. */
function mergeHows(tree: Tree): readonly How[] {
  const clauses = (tree['mergeWhenClauses'] ?? []) as readonly { readonly MergeWhenClause?: Tree }[];
  const hows = clauses.map(({ MergeWhenClause }) => MERGES[String(MergeWhenClause?.['commandType'])] ?? 'select');
  return [...new Set(hows)];
}

const relationName = (tree: Tree): Name => ({
  schema: typeof tree['schemaname'] === 'string' ? tree['schemaname'] : null,
  name: String(tree['relname'] ?? ''),
});

/** BETWEEN, IN and the like are written with words and stand for operators. */
const BEHIND: Readonly<Record<string, readonly string[]>> = {
  AEXPR_BETWEEN: ['>=', '<='],
  AEXPR_NOT_BETWEEN: ['<', '>'],
  AEXPR_BETWEEN_SYM: ['>=', '<='],
  AEXPR_NOT_BETWEEN_SYM: ['<', '>'],
};

function operatorsOf(tree: Tree): readonly Name[] {
  const behind = BEHIND[String(tree['kind'])];
  return behind === undefined ? [nameIn(tree['name'])] : behind.map((name) => ({ schema: null, name }));
}

/** `a.b.c`: the last part, and the one before it where there is one. */
function nameIn(list: unknown): Name {
  const parts = textsIn(list);
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' };
}

const textsIn = (list: unknown): string[] =>
  (Array.isArray(list) ? list.map(textOf) : []).filter((text) => text !== null);

function textOf(node: unknown): string | null {
  const text = (node as { readonly String?: { readonly sval?: unknown } } | null)?.String?.sval;
  return typeof text === 'string' ? text : null;
}
