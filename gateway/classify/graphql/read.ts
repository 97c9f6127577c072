import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  specifiedRules,
  validate,
} from 'graphql';
import { DomainError, refuse } from '#lib/core';
import { MAX_GRAPHQL_TOKENS } from '#lib/documents';
import { MAX_DEPTH, MAX_FIELDS, MAX_ROOTS, refuseHeavy, refuseLong } from './bounds';

/** Refused: they have the server send an answer in parts, which classification does not cover. */
const REFUSED_DIRECTIVES = ['defer', 'stream'];

/** A field that is asked for, and every type whose field it may turn out to be. */
export interface Asked {
  readonly node: FieldNode;
  readonly field: GraphQLField<unknown, unknown>;
  /** `Parent.field`, for the parent as written and for each type it may stand for; none for a root, which has rules of its own. */
  readonly names: readonly string[];
  /** Which root it is a field of, and not only at the top: some schemas lead from anywhere back to their roots. */
  readonly rootOf: 'query' | 'mutation' | null;
}

/** One operation, read whole; all of it that does not hang on variables. */
export interface ReadOperation {
  readonly kind: 'query' | 'mutation';
  readonly definition: OperationDefinitionNode;
  /** With only its own fragments, in print. */
  readonly printed: string;
  readonly roots: readonly Asked[];
  /** `__schema` and `__type` at the root. */
  readonly introspects: boolean;
  /** Every field below the roots, aliases and fragments undone. */
  readonly below: readonly Asked[];
}

/** Parses, selects, validates and walks. Throws `invalid_request` with a sentence for all that cannot be classified. */
export function readOperation(schema: GraphQLSchema, text: string, operationName: string | null): ReadOperation {
  const document = parsed(text);
  const definition = selected(document, operationName);
  const { operation: kind } = definition;
  if (kind === 'subscription')
    return refuse('invalid_request', 'Subscriptions do not pass here yet. Ask again with a query from time to time.');
  const fragments = fragmentsIn(document);
  const own = reduced(document, definition, fragments);
  refuseHeavy(definition, fragments, own);
  const [error] = validate(schema, own, specifiedRules, { maxErrors: 1 });
  if (error !== undefined)
    refuse('invalid_request', `The operation does not fit the target’s schema: ${error.message.slice(0, 300)}`);
  return { kind, definition, printed: refuseLong(print(own)), ...walk(schema, definition, fragments) };
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: MAX_GRAPHQL_TOKENS, noLocation: true });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.slice(0, 200) : 'it is not GraphQL';
    return refuse('invalid_request', `The query cannot be read: ${said}`);
  }
}

/** GraphQL §6.1 GetOperation, and nothing beside operations and fragments. */
function selected(document: DocumentNode, name: string | null): OperationDefinitionNode {
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind !== Kind.FRAGMENT_DEFINITION)
      refuse('invalid_request', 'A query holds operations and fragments, nothing else.');
    refuseDescribed(definition);
  }
  if (name === null && operations.length !== 1)
    return refuse('invalid_request', 'There are several operations. Say which in operationName.');
  const found = name === null ? operations : operations.filter((one) => one.name?.value === name);
  const [only, second] = found;
  return only !== undefined && second === undefined
    ? only
    : refuse('invalid_request', 'There is no one operation of that operationName.');
}

/** What is printed is what a person signs: a description there could tell another story (T2). */
function refuseDescribed(definition: OperationDefinitionNode | FragmentDefinitionNode): void {
  const described = [definition, ...(definition.variableDefinitions ?? [])].some(
    (one) => one.description !== undefined,
  );
  if (described) refuse('invalid_request', 'Leave descriptions out of the query.');
}

/** The operation and the fragments it reaches: what else came along is neither classified nor forwarded. */
function reduced(document: DocumentNode, definition: OperationDefinitionNode, fragments: Fragments): DocumentNode {
  const reached = new Set<string>();
  const follow = (set: SelectionSetNode, depth: number): void => {
    if (depth > MAX_DEPTH * 2) refuse('invalid_request', `Nest at most ${MAX_DEPTH} deep.`);
    for (const selection of set.selections) {
      if (selection.kind !== Kind.FRAGMENT_SPREAD) {
        if (selection.selectionSet !== undefined) follow(selection.selectionSet, depth + 1);
        continue;
      }
      const { value } = selection.name;
      const fragment = fragments.get(value);
      if (fragment === undefined || reached.has(value)) continue;
      reached.add(value);
      follow(fragment.selectionSet, depth + 1);
    }
  };
  follow(definition.selectionSet, 1);
  const kept = document.definitions.filter(
    (one) => one === definition || (one.kind === Kind.FRAGMENT_DEFINITION && reached.has(one.name.value)),
  );
  return { kind: Kind.DOCUMENT, definitions: kept };
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fragmentsIn(document: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    if (fragments.has(definition.name.value)) refuse('invalid_request', 'Two fragments have the same name.');
    fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** Every field, as if `@skip` and `@include` were not there: a condition never makes anything safer. */
function walk(
  schema: GraphQLSchema,
  definition: OperationDefinitionNode,
  fragments: Fragments,
): Pick<ReadOperation, 'roots' | 'below' | 'introspects'> {
  const roots: Asked[] = [];
  const below: Asked[] = [];
  let introspects = false;
  let fields = 0;

  const visitSet = (parent: GraphQLCompositeType, set: SelectionSetNode, depth: number, root: boolean): void => {
    if (depth > MAX_DEPTH) refuse('invalid_request', `Nest at most ${MAX_DEPTH} deep.`);
    for (const selection of set.selections) {
      refuseDirectives(selection.directives ?? []);
      if (selection.kind === Kind.FIELD) visitField(parent, selection, depth, root);
      else {
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (fragment === undefined) continue;
        const condition =
          fragment.typeCondition === undefined ? parent : schema.getType(fragment.typeCondition.name.value);
        if (!isCompositeType(condition)) throw new DomainError('invalid_request', 'A fragment is on an unknown type.');
        visitSet(condition, fragment.selectionSet, depth + 1, root);
      }
    }
  };

  const visitField = (parent: GraphQLCompositeType, node: FieldNode, depth: number, root: boolean): void => {
    fields += 1;
    if (fields > MAX_FIELDS) refuse('invalid_request', `Ask for at most ${MAX_FIELDS} fields at a time.`);
    const name = node.name.value;
    if (name === '__typename') return;
    if (root && (name === '__schema' || name === '__type')) {
      introspects = true;
      refuseDeep(node.selectionSet, 1, fragments, new Map());
      return;
    }
    const field = 'getFields' in parent ? parent.getFields()[name] : undefined;
    if (field === undefined) throw new DomainError('invalid_request', 'A field is not in the target’s schema.');
    (root ? roots : below).push({ node, field, names: namesOf(schema, parent, name), rootOf: rootOf(schema, parent) });
    if (roots.length > MAX_ROOTS) refuse('invalid_request', `Ask for at most ${MAX_ROOTS} things at a time.`);
    const type = getNamedType(field.type);
    if (node.selectionSet !== undefined && isCompositeType(type)) visitSet(type, node.selectionSet, depth + 1, false);
  };

  const rootType =
    schema.getRootType(definition.operation) ?? refuse('invalid_request', 'The target has no such operations.');
  refuseDirectives(definition.directives ?? []);
  visitSet(rootType, definition.selectionSet, 1, true);
  if (definition.operation === 'mutation' && roots.length === 0)
    refuse('invalid_request', 'A mutation that changes nothing is not passed.');
  return { roots, below, introspects };
}

/** Introspection can ask for types of types of types. Each fragment is followed once a depth, however often it is named (T68). */
function refuseDeep(
  set: SelectionSetNode | undefined,
  depth: number,
  fragments: Fragments,
  followed: Map<string, number>,
): void {
  if (depth > MAX_DEPTH) refuse('invalid_request', `Nest at most ${MAX_DEPTH} deep.`);
  for (const selection of set?.selections ?? []) {
    if (selection.kind !== Kind.FRAGMENT_SPREAD) refuseDeep(selection.selectionSet, depth + 1, fragments, followed);
    else if ((followed.get(selection.name.value) ?? 0) < depth) {
      followed.set(selection.name.value, depth);
      refuseDeep(fragments.get(selection.name.value)?.selectionSet, depth + 1, fragments, followed);
    }
  }
}

function refuseDirectives(directives: readonly { readonly name: { readonly value: string } }[]): void {
  const refused = directives.find((one) => REFUSED_DIRECTIVES.includes(one.name.value));
  if (refused !== undefined) refuse('invalid_request', `@${refused.name.value} is not passed here.`);
}

const known = new WeakMap<GraphQLSchema, Map<string, readonly string[]>>();

/** Looked for once: an interface may have hundreds of types behind it, and a query two thousand fields (T68). */
function namesOf(schema: GraphQLSchema, parent: GraphQLCompositeType, field: string): readonly string[] {
  const names = known.get(schema) ?? new Map<string, readonly string[]>();
  known.set(schema, names);
  const key = `${parent.name}.${field}`;
  const found = names.get(key) ?? findNames(schema, parent, field);
  names.set(key, found);
  return found;
}

/** Every type whose field this may be: the written one, those it stands for, and the interfaces that promise it. */
function findNames(schema: GraphQLSchema, parent: GraphQLCompositeType, field: string): readonly string[] {
  const isRoot = (type: unknown) => type === schema.getQueryType() || type === schema.getMutationType();
  if (isRoot(parent)) return [];
  const possible = isAbstractType(parent) ? schema.getPossibleTypes(parent).filter((type) => !isRoot(type)) : [];
  const interfaces = isObjectType(parent) ? parent.getInterfaces() : possible.flatMap((type) => type.getInterfaces());
  const promised = interfaces.filter((type) => type.getFields()[field] !== undefined);
  return [...new Set([parent, ...possible, ...promised].map(({ name }) => `${name}.${field}`))];
}

function rootOf(schema: GraphQLSchema, parent: GraphQLCompositeType): Asked['rootOf'] {
  const types: readonly unknown[] = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
  if (types.includes(schema.getMutationType())) return 'mutation';
  return types.includes(schema.getQueryType()) ? 'query' : null;
}
