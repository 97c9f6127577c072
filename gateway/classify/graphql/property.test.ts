import fc from 'fast-check';
import { Kind, parse, type SelectionSetNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { DomainError } from '#lib/core';
import { graphqlProfile } from '#lib/profiles';
import {
  type Chance,
  chanceOf,
  classifierOf,
  type Field,
  indexSchema,
  namedOf,
  present,
  railwayIntrospection,
  railwaySchema,
  refusalOf,
  type SchemaIndex,
  type Taste,
  type Type,
  VECTOR,
  type Written,
  writeDocument,
} from '#testing/classify';
import { readGraphqlCall } from './call';

/*
 * Documents by chance on Railway's schema. What each asks for is noted while it
 * is written, by code that shares nothing with the classifier, and the classifier has to
 * say the same: no read of a secret and no write passes as safe, and no safe
 * read is taken for one (T32, T48).
 */

const DOCUMENTS = 100_000;
/** Reading what was printed costs much of what classifying does: every so many-th is, and classified once more. */
const READ = 10;
const AGAIN = 50;
const SEED = 20_261_123;

const profile = graphqlProfile('railway');
const { nested, suspicious, harmless, query, mutation } = profile;

/** By the profile alone: a rule or a name speaks against the field of this type. */
function speaksAgainst(name: string, field: string): boolean {
  const rule = Object.hasOwn(nested, name) ? nested[name] : undefined;
  if (rule !== undefined) return rule[0] !== 'safe';
  return suspicious.test(field) && !harmless.has(name);
}

/** For every type it may be: the one it is written on, those that stand behind it, and interfaces that have it. */
function oracle(schemaIndex: SchemaIndex) {
  const known = new Map<string, boolean>();
  const has = (type: string, field: string): boolean =>
    schemaIndex.type(type).fields.some(({ name }) => name === field);
  return (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const [parent = '', field = ''] = name.split('.');
    const type = schemaIndex.type(parent);
    const possible = type.possibleTypes.map((one) => schemaIndex.type(one));
    const types = [type, ...possible].flatMap((one) => [one.name, ...one.interfaces]);
    const against = types.some((one) => has(one, field) && speaksAgainst(`${one}.${field}`, field));
    known.set(name, against);
    return against;
  };
}

type Against = ReturnType<typeof oracle>;
const isSafeRoot = (kind: Written['kind'], name: string): boolean =>
  (kind === 'query' ? query : mutation)[name]?.[0] === 'safe';

/** `careful` asks for nothing secret, `door` mostly so, `wild` for anything; so both answers come often. */
function tastes(schemaIndex: SchemaIndex, against: Against) {
  const all = { query: schemaIndex.root('query').fields, mutation: schemaIndex.root('mutation').fields };
  const safe = all.query.filter(({ name }) => isSafeRoot('query', name));
  const calm = new Map<Type, readonly Field[]>();
  const calmOf = (type: Type): readonly Field[] => {
    const found = calm.get(type) ?? type.fields.filter(({ name }) => !against(`${type.name}.${name}`));
    calm.set(type, found);
    return found;
  };
  return (seed: number): Taste => {
    const chance = chanceOf(seed ^ 0x5bd1e995);
    const mood = chance.next();
    if (mood < 0.15) return { kind: 'mutation', roots: () => all.mutation, fields: (type) => type.fields };
    const wild = mood < 0.5;
    const doors = mood < 0.75 ? 60 : 0;
    return {
      kind: 'query',
      roots: () => (wild && chance.percent(80) ? all.query : safe),
      fields: (type) => (wild || chance.percent(doors) ? type.fields : calmOf(type)),
    };
  };
}

/** Every field of a printed operation, by a walk of its own. */
function fieldsIn(schemaIndex: SchemaIndex, text: string): string[] {
  const { definitions } = parse(text, { noLocation: true });
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const operations = definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [one] : []));
  const [operation] = operations;
  if (operation === undefined || operations.length !== 1 || operation.operation === 'subscription')
    throw new Error('not one operation');
  const found: string[] = [];
  const walk = (type: Type, set: SelectionSetNode | undefined): void => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FIELD) {
        const field = type.fields.find(({ name }) => name === node.name.value);
        if (field === undefined) continue;
        found.push(`${type.name}.${field.name}`);
        walk(schemaIndex.type(namedOf(field.type)), node.selectionSet);
      } else {
        const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
        walk(inner?.typeCondition ? schemaIndex.type(inner.typeCondition.name.value) : type, inner?.selectionSet);
      }
    }
  };
  walk(schemaIndex.root(operation.operation), operation.selectionSet);
  return found;
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  [...one].sort().join() === [...other].sort().join();

const POST = { method: 'POST', contentType: 'application/json', search: '' };

/** A text as JSON may write it: its signs may stand in escapes, but those that are part of one already. */
function spelled(chance: Chance, text: string): string {
  const plain = JSON.stringify(text);
  if (chance.percent(70)) return plain;
  const inEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return plain.replace(/[A-Zg-mo-qsv-z{}() :]/g, (char) => (chance.percent(95) ? char : inEscape(char)));
}

/** The call as clients send it: members in any order, names and texts escaped here and there. */
function bodyOf(chance: Chance, { text, operationName, variables }: Written): string {
  const members = [
    `${spelled(chance, 'query')}:${spelled(chance, text)}`,
    `${spelled(chance, 'operationName')} : ${operationName === null ? 'null' : spelled(chance, operationName)}`,
    `${spelled(chance, 'variables')}:${JSON.stringify(variables)}`,
  ];
  return `{${(chance.percent(50) ? members : members.reverse()).join(chance.of([',', ' , ', ',\n']))}}`;
}

describe.skipIf(!present)(`Documents by chance on Railway’s schema (skipped where ${VECTOR} is absent)`, () => {
  test(`of ${DOCUMENTS} documents none is misclassified, and what is printed is what was classified (T32, T48, T49)`, () => {
    const schemaIndex = indexSchema(railwayIntrospection());
    const classify = classifierOf(railwaySchema());
    const against = oracle(schemaIndex);
    const tasteOf = tastes(schemaIndex, against);
    const counts = { safe: 0, above: 0, refused: 0 };
    const refusals = new Map<string, number>();
    const property = fc.property(fc.noBias(fc.nat()), (seed) => {
      const written = writeDocument(schemaIndex, chanceOf(seed), tasteOf(seed));
      const { text, variables, kind, roots, below } = written;
      const body = bodyOf(chanceOf(seed ^ 0x2545f491), written);
      const safe = roots.every((name) => isSafeRoot(kind, name)) && !below.some(against);
      const wrong = (what: string): never => {
        throw new Error(`${what}\n${text}\n${JSON.stringify(variables)}`);
      };
      if (seed % AGAIN === 0) {
        const twice = `${body.slice(0, -1)},"\\u0071uery":"{ me { id } }"}`;
        const taken = [`[${body}]`, twice, `${body}${body}`].find(
          (one) => refusalOf(() => readGraphqlCall({ ...POST, body: one })) === null,
        );
        if (taken !== undefined) wrong('read in two ways');
      }
      let classification: ReturnType<typeof classify>;
      try {
        classification = classify(readGraphqlCall({ ...POST, body }));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        counts.refused += 1;
        const said = error.message.slice(0, 70);
        refusals.set(said, (refusals.get(said) ?? 0) + 1);
        return;
      }
      counts[safe ? 'safe' : 'above'] += 1;
      if ((classification.class === 'safe') !== safe)
        wrong(`classified ${classification.class}, is ${safe ? 'safe' : 'not safe'}`);
      if (!('query' in classification.operation)) return wrong('no GraphQL');
      if (seed % READ !== 0) return;
      const { query: printed } = classification.operation;
      const root = schemaIndex.root(kind).name;
      if (!same(fieldsIn(schemaIndex, printed), [...roots.map((name) => `${root}.${name}`), ...below]))
        wrong('printed other fields');
      if (seed % AGAIN !== 0) return;
      const again = classify({ query: printed, variables });
      if (JSON.stringify(again) !== JSON.stringify(classification))
        wrong('classified otherwise when classified again as printed');
    });
    fc.assert(property, { numRuns: DOCUMENTS, seed: SEED, endOnFailure: true });
    const told = `${counts.safe} safe, ${counts.above} above rest, ${counts.refused} refused`;
    console.info(`Railway: ${DOCUMENTS} documents, seed ${SEED}: ${told}; none misclassified`);
    for (const [said, count] of refusals) console.info(`  refused ${count}: ${said}`);
    expect(counts.refused).toBeLessThan(DOCUMENTS / 20);
    expect(counts.safe).toBeGreaterThan(DOCUMENTS / 5);
    expect(counts.above).toBeGreaterThan(DOCUMENTS / 5);
    // It takes two minutes, and more on a machine that does other things beside it.
  }, 1_200_000);
});
