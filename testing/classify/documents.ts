import type { IntrospectionQuery } from 'graphql';
import type { Json } from '#lib/core';
import type { Chance } from './classify';

/*
 * Only for tests. Writes GraphQL documents as clients and attackers might, on a
 * schema as introspection tells it, and notes while it writes what was asked
 * for. It shares no code with the classifier: the notes are what the classifier is held to.
 */

export interface TypeRef {
  readonly kind: string;
  readonly name?: string | null;
  readonly ofType?: TypeRef | null;
}
export interface Input {
  readonly name: string;
  readonly type: TypeRef;
  readonly defaultValue?: string | null;
}
export interface Field {
  readonly name: string;
  readonly args: readonly Input[];
  readonly type: TypeRef;
}
export interface Type {
  readonly kind: string;
  readonly name: string;
  readonly fields: readonly Field[];
  readonly inputFields: readonly Input[];
  readonly interfaces: readonly string[];
  readonly possibleTypes: readonly string[];
  readonly enumValues: readonly string[];
}

export interface SchemaIndex {
  type(name: string): Type;
  root(kind: 'query' | 'mutation'): Type;
}

interface Told {
  readonly kind: string;
  readonly name: string;
  readonly fields?: readonly Field[] | null;
  readonly inputFields?: readonly Input[] | null;
  readonly interfaces?: ReadonlyArray<{ readonly name: string }> | null;
  readonly possibleTypes?: ReadonlyArray<{ readonly name: string }> | null;
  readonly enumValues?: ReadonlyArray<{ readonly name: string }> | null;
}

/** Introspection, by name. */
export function indexSchema({ __schema }: IntrospectionQuery): SchemaIndex {
  const names = (list: ReadonlyArray<{ readonly name: string }> | null | undefined) =>
    (list ?? []).map(({ name }) => name);
  const types = new Map<string, Type>();
  for (const told of __schema.types as unknown as readonly Told[]) {
    types.set(told.name, {
      kind: told.kind,
      name: told.name,
      fields: told.fields ?? [],
      inputFields: told.inputFields ?? [],
      interfaces: names(told.interfaces),
      possibleTypes: told.kind === 'OBJECT' ? [] : names(told.possibleTypes),
      enumValues: names(told.enumValues),
    });
  }
  const type = (name: string): Type => {
    const found = types.get(name);
    if (found === undefined) throw new Error(`There is no type ${name}.`);
    return found;
  };
  const roots = { query: __schema.queryType.name, mutation: __schema.mutationType?.name ?? '' };
  return { type, root: (kind) => type(roots[kind]) };
}

export const namedOf = (ref: TypeRef): string => (ref.ofType ? namedOf(ref.ofType) : (ref.name ?? ''));
export const isComposite = ({ kind }: Type): boolean => ['OBJECT', 'INTERFACE', 'UNION'].includes(kind);

const spelled = (ref: TypeRef): string => {
  if (ref.kind === 'NON_NULL' && ref.ofType) return `${spelled(ref.ofType)}!`;
  return ref.kind === 'LIST' && ref.ofType ? `[${spelled(ref.ofType)}]` : (ref.name ?? '');
};

/** One document, and what was asked for in the operation that is to run. */
export interface Written {
  readonly text: string;
  readonly operationName: string | null;
  readonly variables: { readonly [name: string]: Json };
  readonly kind: 'query' | 'mutation';
  /** Names of the root fields, as often as they are asked for. */
  readonly roots: readonly string[];
  /** `Parent.field` for everything below, parent as written, as often as it is asked for. */
  readonly below: readonly string[];
}

/** Which fields a writer may choose from a type, and which roots. */
export interface Taste {
  readonly kind: 'query' | 'mutation';
  roots(): readonly Field[];
  fields(type: Type): readonly Field[];
}

interface Writer {
  readonly schemaIndex: SchemaIndex;
  readonly chance: Chance;
  readonly taste: Taste;
  /** Fragments and variable declarations of this operation, written on the way. */
  readonly fragments: string[];
  readonly declared: string[];
  readonly variables: Record<string, Json>;
  readonly prefix: string;
  count: number;
}

interface Piece {
  readonly text: string;
  readonly picked: readonly string[];
}

const DEEPEST = 3;

/** An operation by chance among decoys that do not run. */
export function writeDocument(schemaIndex: SchemaIndex, chance: Chance, taste: Taste): Written {
  const name = chance.percent(60) ? `Op${chance.below(1_000)}` : null;
  const writer = { schemaIndex, chance, taste, fragments: [], declared: [], variables: {}, prefix: 'f', count: 0 };
  const root = schemaIndex.root(taste.kind);
  const pieces = Array.from({ length: chance.percent(80) ? 1 : 2 + chance.below(2) }, () => rootPiece(writer, root));
  const own = [operation(writer, name, pieces), ...writer.fragments];
  const decoys = name !== null && chance.percent(25) ? decoysFor(schemaIndex, chance, taste) : [];
  const picked = pieces.flatMap((piece) => piece.picked);
  const rootPrefix = `${root.name}.`;
  return {
    text: spaced(chance, shuffled(chance, [...own, ...decoys]).join(' ')),
    operationName: name !== null && (decoys.length > 0 || chance.percent(50)) ? name : null,
    variables: writer.variables,
    kind: taste.kind,
    roots: picked.filter((one) => one.startsWith(rootPrefix)).map((one) => one.slice(rootPrefix.length)),
    below: picked.filter((one) => !one.startsWith(rootPrefix)),
  };
}

function operation({ chance, taste, declared }: Writer, name: string | null, pieces: readonly Piece[]): string {
  const variables = declared.length === 0 ? '' : `( ${declared.join(' ')} )`;
  const short = taste.kind === 'query' && name === null && variables === '' && chance.percent(50);
  return `${short ? '' : `${taste.kind} ${name ?? ''} ${variables}`} { ${pieces.map(({ text }) => text).join(' ')} }`;
}

/** Other operations of the same document, some that no schema knows: none of it runs. */
function decoysFor(schemaIndex: SchemaIndex, chance: Chance, taste: Taste): string[] {
  const writer = { schemaIndex, chance, taste, fragments: [], declared: [], variables: {}, prefix: 'd', count: 0 };
  const pieces = [rootPiece(writer, schemaIndex.root(taste.kind))];
  const unknown = 'mutation Drop { dropEverything(now: true) { ok } }';
  const safe = 'query Harmless { regions { name } }';
  return [
    operation(writer, 'Decoy', pieces),
    ...writer.fragments,
    chance.of([unknown, safe, 'fragment Unused on Nowhere { x }']),
  ];
}

function rootPiece(writer: Writer, root: Type): Piece {
  const { chance, taste } = writer;
  const field = fieldPiece(writer, {
    parent: root,
    field: chance.of(taste.roots()),
    bare: new Set(),
    depth: 0,
    alone: true,
  });
  return wrapped(writer, root, field, 2);
}

/** In fragments on the same type, named and not, one in another. */
function wrapped(writer: Writer, type: Type, piece: Piece, times: number): Piece {
  const { chance, fragments } = writer;
  if (times === 0 || chance.percent(55)) return piece;
  const inner = wrapped(writer, type, piece, times - 1);
  if (chance.percent(50)) {
    const on = chance.percent(50) ? `on ${type.name}` : '';
    return { text: `... ${on} ${condition(writer)} { ${inner.text} }`, picked: inner.picked };
  }
  const name = `${writer.prefix}F${++writer.count}`;
  fragments.push(`fragment ${name} on ${type.name} { ${inner.text} }`);
  const spread = `... ${name} ${condition(writer)}`;
  const twice = chance.percent(10);
  return {
    text: twice ? `${spread} ${spread}` : spread,
    picked: twice ? [...inner.picked, ...inner.picked] : inner.picked,
  };
}

/** A condition makes nothing safer: what is skipped is classified as if it were not. */
function condition({ chance, declared, variables, prefix }: Writer): string {
  if (chance.percent(92)) return '';
  const word = chance.of(['@skip', '@include']);
  const value = chance.percent(50);
  if (chance.percent(50)) return `${word} ( if : ${value} )`;
  const name = `${prefix}c${declared.length}`;
  declared.push(`$${name} : Boolean !`);
  variables[name] = value;
  return `${word} ( if : $${name} )`;
}

interface Place {
  readonly parent: Type;
  readonly field: Field;
  /** Response names that are taken where this one stands. */
  readonly bare: Set<string>;
  readonly depth: number;
  /** Its answer must be named like nothing else. */
  readonly alone: boolean;
}

function fieldPiece(writer: Writer, { parent, field, bare, depth, alone }: Place): Piece {
  const { schemaIndex, chance } = writer;
  const plain = !alone && !bare.has(field.name) && chance.percent(60);
  if (plain) bare.add(field.name);
  const alias = plain ? '' : `${aliasFor(writer, field)} :`;
  const args = argsText(writer, field);
  const type = schemaIndex.type(namedOf(field.type));
  const inner = isComposite(type) ? setOf(writer, type, depth + 1) : { text: '', picked: [] };
  const set = inner.text === '' ? '' : `{ ${inner.text} }`;
  const text = `${alias} ${field.name} ${args} ${condition(writer)} ${set}`;
  return { text, picked: [`${parent.name}.${field.name}`, ...inner.picked] };
}

/** Mostly a harmless word, which is what an alias is for. */
function aliasFor(writer: Writer, { name }: Field): string {
  writer.count += 1;
  return `${writer.chance.of(['id', 'name', 'regions', '_', '__proto', 'constructor', name])}_${writer.prefix}${writer.count}`;
}

function setOf(writer: Writer, type: Type, depth: number): Piece {
  const { schemaIndex, chance, taste } = writer;
  const bare = new Set<string>();
  const pieces: Piece[] = [];
  const add = (parent: Type, alone: boolean): void => {
    const open = taste
      .fields(parent)
      .filter((field) => depth < DEEPEST || !isComposite(schemaIndex.type(namedOf(field.type))));
    if (open.length === 0) return;
    const piece = fieldPiece(writer, { parent, field: chance.of(open), bare, depth, alone });
    pieces.push(parent === type ? (alone ? wrapped(writer, type, piece, 1) : piece) : narrowed(parent, piece));
  };
  const times = chance.percent(70) ? 1 : 2;
  for (let index = 0; index < times; index += 1) {
    const others = [...type.possibleTypes, ...type.interfaces];
    const other =
      others.length > 0 && chance.percent(type.kind === 'OBJECT' ? 15 : 60)
        ? schemaIndex.type(chance.of(others))
        : type;
    add(other, other !== type || chance.percent(40));
  }
  if (pieces.length === 0 || chance.percent(10)) pieces.push({ text: '__typename', picked: [] });
  return { text: pieces.map(({ text }) => text).join(' '), picked: pieces.flatMap(({ picked }) => picked) };
}

const narrowed = ({ name }: Type, { text, picked }: Piece): Piece => ({ text: `... on ${name} { ${text} }`, picked });

function argsText(writer: Writer, { args }: Field): string {
  const { chance, prefix, declared, variables } = writer;
  const given = args.filter(({ type, defaultValue }) => needed(type, defaultValue) || chance.percent(8));
  const texts = given.map(({ name, type }) => {
    const value = valueFor(writer, type, 0);
    if (chance.percent(50)) return `${name} : ${literal(writer, type, value)}`;
    const variable = `${prefix}v${declared.length}`;
    declared.push(`$${variable} : ${spelled(type)}`);
    variables[variable] = value;
    return `${name} : $${variable}`;
  });
  return texts.length === 0 ? '' : `( ${texts.join(' ')} )`;
}

const needed = (type: TypeRef, defaultValue?: string | null): boolean =>
  type.kind === 'NON_NULL' && (defaultValue === undefined || defaultValue === null);

const IDS = ['vol_prod', '3d2c0b1e-7a60-4f11-9b1c-0a5d7f2e8c11', 'env-1', '17', 'a.b:c@d', 'x/y'] as const;

function valueFor(writer: Writer, ref: TypeRef, depth: number): Json {
  const { schemaIndex, chance } = writer;
  if (ref.kind === 'NON_NULL' && ref.ofType) return valueFor(writer, ref.ofType, depth);
  if (ref.kind === 'LIST' && ref.ofType) {
    const { ofType } = ref;
    return Array.from({ length: 1 + chance.below(2) }, () => valueFor(writer, ofType, depth + 1));
  }
  const type = schemaIndex.type(ref.name ?? '');
  if (type.kind === 'ENUM') return chance.of(type.enumValues);
  if (type.kind === 'INPUT_OBJECT') return objectFor(writer, type, depth);
  if (type.name === 'Int' || type.name === 'Float') return chance.below(100);
  return type.name === 'Boolean' ? chance.percent(50) : chance.of(IDS);
}

function objectFor(writer: Writer, { inputFields }: Type, depth: number): Json {
  const given = inputFields.filter(
    ({ type, defaultValue }) => needed(type, defaultValue) || (depth < 2 && writer.chance.percent(20)),
  );
  return Object.fromEntries(given.map(({ name, type }) => [name, valueFor(writer, type, depth + 1)]));
}

/** The same value as GraphQL writes it; strings escaped here and there, as an attacker would. */
function literal(writer: Writer, ref: TypeRef, value: Json): string {
  const { schemaIndex, chance } = writer;
  if (ref.kind === 'NON_NULL' && ref.ofType) return literal(writer, ref.ofType, value);
  if (Array.isArray(value)) {
    const of = ref.ofType ?? ref;
    return `[ ${value.map((one) => literal(writer, of, one)).join(' , ')} ]`;
  }
  const type = schemaIndex.type(ref.name ?? '');
  if (value !== null && typeof value === 'object') {
    const fields = type.inputFields.filter(({ name }) => Object.hasOwn(value, name));
    const entries = Object.entries(value);
    return `{ ${fields.map((one) => `${one.name} : ${literal(writer, one.type, entries.find(([key]) => key === one.name)?.[1] ?? null)}`).join(' ')} }`;
  }
  if (typeof value !== 'string' || type.kind === 'ENUM') return String(value);
  return chance.percent(10) ? `"""${value}"""` : `"${[...value].map((char) => escaped(chance, char)).join('')}"`;
}

function escaped(chance: Chance, char: string): string {
  if (chance.percent(95)) return char;
  const code = char.charCodeAt(0).toString(16);
  return chance.percent(50) ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
}

/** Commas, comments and line ends where a blank stood. */
const spaced = (chance: Chance, text: string): string =>
  text.replace(/ +/g, () =>
    chance.percent(93) ? ' ' : chance.of([',', '\n', '\t ', '\r\n', ' # } mutation { x }\n', ' \uFEFF']),
  );

function shuffled<T>(chance: Chance, values: readonly T[]): T[] {
  const left = [...values];
  return Array.from(values, () => left.splice(chance.below(left.length), 1)).flat();
}
