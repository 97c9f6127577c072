import { GraphQLID, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { graphqlProfile } from '#lib/profiles';
import {
  actsOf,
  classifierOf,
  classify,
  classOf,
  present,
  printedOf,
  railwaySchema,
  refusalOf,
  refused,
  smallSchema,
  VECTOR,
} from '#testing/classify';

const SAFE = '{ project(id: "p") { id name } }';

describe('An owner’s word', () => {
  test('opens queries by name, named by the profile or not', () => {
    expect(classOf('{ token }')).toBe('write');
    expect(classOf('{ token }', { opens: ['query token'] })).toBe('safe');
    expect(classOf('{ x: token }', { opens: ['query token'] })).toBe('safe');
    expect(classOf('{ token: secrets { id } }', { opens: ['query token'] })).toBe('sensitive');
    expect(classOf('{ secrets { id } }', { opens: ['query secrets'] })).toBe('safe');
    expect(classOf('{ token }', { opens: ['query Token', 'token', 'query *', 'query'] })).toBe('write');
  });

  test('does not open what is below what it opens', () => {
    expect(classOf('{ secrets { value } }', { opens: ['query secrets'] })).toBe('sensitive');
    expect(classOf('{ vault { secrets { id } } }', { opens: ['query vault', 'query secrets', 'Vault.secrets'] })).toBe(
      'sensitive',
    );
  });

  test('never opens a mutation, and not by the name of a query', () => {
    const opens = ['mutation dropThing', 'query dropThing', 'mutation projectDelete', 'query projectDelete'];
    expect(classOf('mutation { dropThing }', { opens })).toBe('destructive');
    expect(classOf('mutation { projectDelete(id: "p") }', { opens })).toBe('destructive');
  });

  test('closes what is safe, and closed wins', () => {
    expect(classOf(SAFE, { closes: ['query project'] })).toBe('sensitive');
    expect(classOf(SAFE, { closes: ['query project'], opens: ['query project'] })).toBe('sensitive');
    expect(classOf('{ token }', { closes: ['query token'], opens: ['query token'] })).toBe('write');
    expect(classOf('{ r1 r2 }', { closes: ['query r2'] })).toBe('sensitive');
  });
});

describe('What no profile names (P7)', () => {
  const generic = classifierOf(smallSchema, graphqlProfile('generic-graphql'));
  test('a query counts as a write, by its own name', () => {
    const { acts, class: level } = generic({ query: '{ a: viewer { id } }' });
    expect(level).toBe('write');
    expect(acts).toEqual([
      expect.objectContaining({
        operation: 'query viewer',
        resource: 'query/viewer',
        verb: 'read',
        why: expect.stringContaining('nobody has said'),
      }),
    ]);
  });

  test.each([
    ['renameThing(id: "*")', 'write', 'mutation/renameThing'],
    ['dropThing', 'destructive', 'mutation/dropThing'],
    ['createApiToken', 'escalating', 'mutation/createApiToken'],
    ['harmless: createApiToken', 'escalating', 'mutation/createApiToken'],
    ['hasOwnProperty', 'write', 'mutation/hasOwnProperty'],
  ])('a mutation is classed by what its name says at worst: %s', (call, level, resource) => {
    expect(generic({ query: `mutation { ${call} }` }).acts).toEqual([
      expect.objectContaining({ class: level, resource, verb: 'run' }),
    ]);
  });

  test('names of every object are names like others, in a profile and in a schema (T48)', () => {
    expect(classOf('{ constructor { id } }')).toBe('write');
    expect(classOf('{ toString }')).toBe('write');
    expect(actsOf('{ toString constructor { id toString } }')).toEqual([
      'query toString write query/toString read',
      'query constructor write query/constructor read',
    ]);
    expect(refused('{ hasOwnProperty }')).toMatch(/does not fit/);
    expect(refused('{ valueOf { id } }')).toMatch(/does not fit/);
    expect(refused('{ __proto__ { id } }')).toMatch(/does not fit/);
  });

  test('even __proto__, where a provider’s schema has such a field', () => {
    const fields = JSON.parse('{"__proto__":1}') as object;
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: () =>
        Object.defineProperty({ ok: { type: GraphQLString } }, Object.keys(fields)[0] ?? '', {
          value: { type: GraphQLString, args: { id: { type: GraphQLID } } },
          enumerable: true,
        }),
    });
    const odd = classifierOf(new GraphQLSchema({ query, assumeValid: true }), graphqlProfile('generic-graphql'));
    const said = refusalOf(() => odd({ query: '{ __proto__(id: "x") }' }));
    if (said === null) expect(odd({ query: '{ __proto__(id: "x") }' }).class).toBe('write');
    else expect(said).toMatch(/^invalid_request/);
  });
});

describe('For the preview', () => {
  test('the worst root is chosen, though a milder one before it could be looked up', () => {
    const { resolver, args } = classify({ query: 'mutation { projectDelete(id: "p") tokenCreate(name: "n") }' });
    expect([resolver, args]).toEqual([null, { name: 'n' }]);
    const harmless = 'mutation { projectUpdate(input: { id: "p" }) { query { r1 } } projectDelete(id: "q") }';
    expect(classify({ query: harmless })).toMatchObject({ resolver: 'mutation projectDelete', args: { id: 'q' } });
  });

  test('of equally bad ones the first that has a resolver is chosen, with its own arguments', () => {
    const { resolver, args, name } = classify({
      query: 'mutation($id: ID!) { projectsDelete(ids: ["z"]) x: projectDelete(id: $id) projectDelete(id: "q") }',
      variables: { id: 'p' },
    });
    expect([resolver, args, name]).toEqual([
      'mutation projectDelete',
      { id: 'p' },
      'mutation projectsDelete, projectDelete',
    ]);
  });

  test('a query’s resolver is not a mutation’s, and without one the worst root is', () => {
    expect(classify({ query: SAFE })).toMatchObject({ resolver: 'query project', args: { id: 'p' } });
    const none = classify({
      query: 'mutation { projectUpdate(input: { id: "p" }) { query { r1 } } tokenCreate(name: "n") }',
    });
    expect(none).toMatchObject({ resolver: null, args: { name: 'n' } });
  });

  test('arguments are plain JSON, variables go out as they came, and many names are cut short', () => {
    const query = 'query($page: Page) { project(id: 17, page: $page) { id } }';
    const { args, operation } = classify({ query, variables: { page: { first: 1, after: { first: 2 } } } });
    expect(args).toEqual({ id: '17', page: { first: 1, after: { first: 2 } } });
    expect(Object.getPrototypeOf(args['page'])).toBe(Object.prototype);
    expect(operation).toMatchObject({ variables: { page: { first: 1, after: { first: 2 } } } });
    expect(classify({ query: '{ r1 r2 r3 r4 r5 r6 r7 }' }).name).toBe('query r1, r2, r3, r4, r5 and 2 more');
    expect(classify({ query: '{ __schema { types { name } } }' }).name).toBe('query __schema');
  });

  test('a text that was read before is classified anew, by other variables and another owner’s word', () => {
    const query = 'query($id: ID!) { project(id: $id) { id } }';
    expect(actsOf(query, { variables: { id: 'a' } })).toEqual(['query project safe project/a read']);
    expect(actsOf(query, { variables: { id: 'b' }, closes: ['query project'] })).toEqual([
      'query project sensitive project/b read',
    ]);
    expect(refused(query, { variables: {} })).toMatch(/variable/);
    expect(classifierOf(smallSchema, graphqlProfile('generic-graphql'))({ query, variables: { id: 'a' } }).class).toBe(
      'write',
    );
  });

  test('strings of every sort are printed so that they are read again as what they were (T1)', () => {
    const texts = [
      'a',
      '"',
      '\\',
      '\n',
      '\r\n',
      '"""',
      '\\"""',
      '  x',
      'x  ',
      '\tx\n  y\n',
      '\u2028',
      '\u{1f600}',
      '#',
      '\u0001',
      'é',
      '',
    ];
    for (const text of texts.flatMap((one) => texts.map((other) => one + other))) {
      for (const literal of [JSON.stringify(text), `"""${text.replaceAll('"""', '\\"""')}"""`]) {
        const query = `{ project(id: "p", page: null) { id } dial(when: ${literal}) }`;
        if (refused(query) !== null) continue;
        const printed = printedOf(query);
        expect(printedOf(printed)).toBe(printed);
        expect(valueIn(printed)).toBe(valueIn(query));
      }
    }
  });
});

/** The one text that is given to `dial`, as graphql-js reads it. */
function valueIn(text: string): string {
  let found = '';
  JSON.stringify(parse(text, { noLocation: true }), (key, value) => {
    if (key === 'value' && typeof value === 'object' && value?.kind === 'StringValue') found = value.value;
    return value;
  });
  return found;
}

describe.skipIf(!present)(`On Railway’s own schema (skipped where ${VECTOR} is absent)`, () => {
  const railway = graphqlProfile('railway');
  const own = present ? classifierOf(railwaySchema(), railway) : classify;

  test.each([
    [
      'a project’s variables, four levels down',
      '{ project(id: "p") { environments { edges { node { variables { edges { node { name } } } } } } } }',
      'Environment.variables',
    ],
    [
      'the same through fragments',
      '{ project(id: "p") { ...P } } fragment P on Project { environments { edges { ... on ProjectEnvironmentsConnectionEdge { node { x: variables { edges { __typename } } } } } } }',
      'Environment.variables',
    ],
    ['the members of a workspace', '{ me { workspaces { members { id } } } }', 'Workspace.members'],
    ['one’s own address', '{ me { name: email } }', 'User.email'],
    ['what a deployment was made of', '{ deployment(id: "d") { meta } }', 'Deployment.meta'],
  ])('%s is sensitive, from a safe root', (_name, query, operation) => {
    const { class: level, acts } = own({ query });
    expect(level).toBe('sensitive');
    expect(acts.map((act) => act.operation)).toContain(operation);
  });

  test('the incident: volumeDelete is destructive, of that volume, with its resolver', () => {
    const query = 'mutation volumeDelete($volumeId: String!) { volumeDelete(volumeId: $volumeId) }';
    const classified = own({ query, variables: { volumeId: '3d2c0b1e-7a60' } });
    expect(classified).toMatchObject({
      class: 'destructive',
      name: 'mutation volumeDelete',
      resolver: 'mutation volumeDelete',
      args: { volumeId: '3d2c0b1e-7a60' },
    });
    expect(classified.acts.map(({ resource, verb }) => `${resource} ${verb}`)).toEqual(['volume/3d2c0b1e-7a60 delete']);
  });

  test('what a field is called harmless for holds on types with interfaces', () => {
    for (const name of railway.harmless) {
      const [type = '', field = ''] = name.split('.');
      expect(railway.nested, name).not.toHaveProperty([name]);
      expect([type, field]).not.toContain('');
    }
    expect(own({ query: '{ environment(id: "e", projectId: "p") { configEtag meta { __typename } } }' }).class).toBe(
      'safe',
    );
  });
});
