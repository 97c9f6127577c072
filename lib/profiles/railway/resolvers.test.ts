import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { fieldVerdict, follow, present, railwaySchema, rootsOf, type Shape, shapeOf, VECTOR } from '#testing/provider';
import type { Resolver, Step } from '..';
import { railway } from './profile';

const schema = present ? railwaySchema() : undefined;
const resolvers = Object.entries(railway.resolvers);
const steps = [...new Map(resolvers.flatMap(([, { steps: all }]) => all).map((step) => [step.read, step])).values()];

const operationOf = (read: string): OperationDefinitionNode => {
  const { definitions } = parse(read);
  const [operation] = definitions;
  if (definitions.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('one operation');
  return operation;
};

/** Fields of a document, root and nested, as the classifier sees them. */
function fieldsOf(against: GraphQLSchema, read: string): readonly string[] {
  const names: string[] = [];
  const types = new TypeInfo(against);
  visit(
    parse(read),
    visitWithTypeInfo(types, {
      Field(node) {
        names.push(`${types.getParentType()?.name}.${node.name.value}`);
      },
    }),
  );
  return names;
}

const isSafe = (name: string): boolean =>
  name.startsWith('Query.')
    ? railway.query[name.slice('Query.'.length)]?.[0] === 'safe'
    : fieldVerdict(railway, name) === null;

describe('What Railway’s profile looks up', () => {
  test('is known of every operation an approver of the first hour meets', () => {
    expect(resolvers.map(([name]) => name)).toEqual(
      expect.arrayContaining(
        [
          'volumeDelete',
          'volumeUpdate',
          'environmentDelete',
          'serviceDelete',
          'projectDelete',
          'deploymentRemove',
          'deploymentRollback',
          'volumeInstanceBackupDelete',
          'volumeInstanceBackupRestore',
          'variableUpsert',
          'variableDelete',
          'serviceInstanceUpdate',
          'serviceInstanceRedeploy',
        ].map((name) => `mutation ${name}`),
      ),
    );
    expect(resolvers.filter(([name]) => railway.mutation[name.replace('mutation ', '')] === undefined)).toEqual([]);
  });

  test('binds names and what would be lost, and never what changes by itself', () => {
    for (const [name, { facts }] of resolvers)
      for (const { label, path, bound } of facts) {
        if (/MB$|\.status$|\.state$/.test(path)) expect(bound, `${name}: ${label}`).toBe(false);
        if (/ame$/.test(path) && !label.startsWith('All backups')) expect(bound, `${name}: ${label}`).toBe(true);
      }
  });

  test('has every line of a name once', () => {
    for (const [name, { facts }] of resolvers)
      expect(new Set(facts.map(({ label }) => label)).size, name).toBe(facts.length);
  });

  test('shows what is lost of everything that deletes, so that it stands out', () => {
    for (const [name, { facts }] of resolvers)
      if (/Delete(Force)?$|Remove$|Restore$/.test(name))
        expect(
          facts.some(({ weight }) => weight === 'danger'),
          name,
        ).toBe(true);
  });

  test('the backups that go with a volume are among them, with the day they are of', () => {
    const fact = railway.resolvers['mutation volumeDelete']?.facts.find(({ path }) => path === 'backups.name');
    expect(fact).toEqual({
      label: 'Backups that go with it',
      path: 'backups.name',
      also: ['createdAt'],
      show: 'list',
      weight: 'danger',
      bound: true,
      empty: 'none',
    });
  });
});

describe.skipIf(!present)(`The reads of it (skipped where ${VECTOR} is absent)`, () => {
  test.each(steps.map((step) => [step.read.replace(/\s+/g, ' '), step] as const))(
    '%s is a query that Railway understands',
    (_text, { read }) => {
      if (schema === undefined) return;
      expect(validate(schema, parse(read))).toEqual([]);
      expect(operationOf(read).operation).toBe('query');
    },
  );

  test.each(steps.map((step) => [step.read.replace(/\s+/g, ' '), step] as const))(
    '%s asks for nothing that is not safe (T32)',
    (_text, { read }) => {
      if (schema === undefined) return;
      expect(fieldsOf(schema, read).filter((name) => !isSafe(name))).toEqual([]);
    },
  );

  test('the one of "Test" as well', () => {
    if (schema === undefined) return;
    expect(validate(schema, parse(railway.test))).toEqual([]);
    expect(fieldsOf(schema, railway.test).filter((name) => !isSafe(name))).toEqual([]);
  });

  test.each(resolvers)('every path of %s leads somewhere', (name, resolver) => {
    if (schema === undefined) return;
    expect(lost(schema, name.replace('mutation ', ''), resolver)).toEqual([]);
  });

  test('every list is gone through to its end, or must say that it has none', () => {
    if (schema === undefined) return;
    for (const { as, read, take, pages, whole = [], where } of steps) {
      const held = [
        ...(pages === undefined ? [] : [pages]),
        ...whole.map((path) => path.replace(/\.hasNextPage$/, '')),
      ];
      const open = connections(answerOf(schema, read)).filter((path) => !held.includes(`${path}.pageInfo`));
      // What is looked for by id and found is found, however much more there is.
      const searched = where?.[0] === 'id' ? open.filter((path) => !take.startsWith(path)) : open;
      expect(searched, `${as}: ${take}`).toEqual([]);
    }
  });
});

/** Paths of a resolver that lead nowhere. */
function lost(
  against: GraphQLSchema,
  mutation: string,
  { steps: all, facts, environment, subject }: Resolver,
): string[] {
  const context = new Map<string, Shape>([['args', argumentsOf(against, mutation)]]);
  const missing: string[] = [];
  const check = (path: string): void => {
    if (at(context, path) === null) missing.push(path);
  };
  for (const step of all) {
    for (const path of Object.values(step.variables)) check(path);
    missing.push(...wrongIn(against, step));
    context.set(step.as, thingsOf(against, step));
    if (step.where !== undefined) {
      check(step.where[1]);
      check(`${step.as}.${step.where[0]}`);
    }
  }
  for (const { path, also = [] } of facts) {
    check(path);
    for (const more of also) check([...path.split('.').slice(0, -1), more].join('.'));
  }
  for (const path of [environment, subject]) if (path !== null) check(path);
  return missing;
}

/** Variables must be those of the document; paths into the answer must lead somewhere. */
function wrongIn(against: GraphQLSchema, { read, variables, take, pages, whole = [] }: Step): string[] {
  const declared = operationOf(read).variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
  const given = [...Object.keys(variables), ...(pages === undefined ? [] : ['after'])];
  const answer = answerOf(against, read);
  const paths = [take, ...whole, ...(pages === undefined ? [] : [`${pages}.hasNextPage`, `${pages}.endCursor`])];
  return [
    ...(JSON.stringify(declared.sort()) === JSON.stringify(given.sort()) ? [] : [`variables of ${read}`]),
    ...paths.filter((path) => follow(answer, path) === null),
  ];
}

const answerOf = (against: GraphQLSchema, read: string): Shape => {
  const type = against.getQueryType();
  if (type === null || type === undefined) throw new Error('no queries');
  return shapeOf(against, type, operationOf(read).selectionSet);
};

/** A step's findings: a list is its elements. */
function thingsOf(against: GraphQLSchema, { read, take }: Step): Shape {
  const taken = follow(answerOf(against, read), take);
  return { lists: Math.max(0, (taken?.lists ?? 0) - 1), fields: taken?.fields ?? new Map() };
}

function at(context: ReadonlyMap<string, Shape>, path: string): Shape | null {
  const [root = '', ...rest] = path.split('.');
  const things = context.get(root);
  return things === undefined || things.lists > 0 ? null : follow(things, rest.join('.'));
}

function argumentsOf(against: GraphQLSchema, mutation: string): Shape {
  const args = rootsOf(against, 'mutation')[mutation]?.args ?? [];
  return { lists: 0, fields: new Map(args.map((arg) => [arg.name, shapeOfInput(arg.type)])) };
}

function shapeOfInput(type: GraphQLInputType): Shape {
  const bare = isNonNullType(type) ? type.ofType : type;
  const inside = getNamedType(type);
  const fields = isInputObjectType(inside) ? Object.values(inside.getFields()) : [];
  return {
    lists: isListType(bare) ? 1 : 0,
    fields: new Map(fields.map((field) => [field.name, shapeOfInput(field.type)])),
  };
}

/** Where in an answer a list stands that may have more pages. */
function connections(shape: Shape, path = ''): string[] {
  const here = shape.fields.has('edges') ? [path] : [];
  const inside = [...shape.fields].flatMap(([name, next]) =>
    connections(next, `${path === '' ? '' : `${path}.`}${name}${'[]'.repeat(next.lists)}`),
  );
  return [...here, ...inside];
}
