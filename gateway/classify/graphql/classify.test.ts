import { buildSchema, GraphQLID, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type GraphqlProfile, graphqlProfile } from '#lib/profiles';
import { type Asked, classifierOf, present, railwaySchema, refusalOf, VECTOR } from '#testing/classify';

/*
 * A small cloud, with all that schemas may have: interfaces, unions, inputs,
 * lists of ids, a way back to the root, and names that every object has.
 */
const schema = buildSchema(`
  directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  directive @stream(if: Boolean, initialCount: Int) on FIELD
  directive @tag(name: String) on FIELD | QUERY | MUTATION | FRAGMENT_SPREAD | INLINE_FRAGMENT | FRAGMENT_DEFINITION
  interface Node { id: ID! }
  interface Titled { title: String }
  interface Keeper { token: String }
  interface Box { token: String }
  type Query implements Keeper {
    project(id: ID!, page: Page): Project
    projects(ids: [ID!], first: Int): [Project!]!
    node(id: ID!): Node
    thing(where: Where): Thing
    keeper: Keeper
    box: Box
    titled: Titled
    vault: Vault
    secrets: [Secret!]!
    viewer: Viewer
    token: String
    constructor: Project
    toString: String
    dial(level: Level, n: Int, when: When): String
    ${Array.from({ length: 60 }, (_, index) => `r${index}: String`).join(' ')}
  }
  type Mutation {
    projectDelete(id: ID!): Boolean
    projectsDelete(ids: [ID!]!): Boolean
    projectUpdate(input: ProjectInput!): Payload
    inputDelete(input: Targets!): Boolean
    tokenCreate(name: String): String
    renameThing(id: ID): Boolean
    dropThing: Boolean
    createApiToken: String
    hasOwnProperty: Boolean
  }
  type Subscription { ticks: Int }
  enum Level { LOW HIGH }
  scalar When
  input Page { first: Int, after: Page }
  input Where { id: ID, ids: [ID!] }
  input ProjectInput { id: ID, name: String }
  input Targets { targets: [Where!]! }
  type Payload { project: Project, query: Query, mutation: Mutation }
  type Project implements Node & Titled { id: ID!, title: String, name: String, vault: Vault, environments: [Environment!]!, parent: Project, meta: String, toString: String }
  type Environment implements Node & Titled { id: ID!, title: String, name: String, variables: String, secretName: String, project: Project }
  type Safe implements Box { token: String }
  type Loose implements Keeper & Box { token: String }
  type Secret implements Node { id: ID!, value: String }
  type Vault { secrets: [Secret!]!, count: Int }
  type Viewer { id: ID, query: Query, node: Node, all: Query }
  union Thing = Project | Secret | Environment
`);

const RESOLVER = { steps: [], facts: [], environment: null, subject: null };
const profile: GraphqlProfile = {
  ...graphqlProfile('generic-graphql'),
  query: {
    project: ['safe', 'project', 'read', 'id'],
    projects: ['safe', 'project', 'read', 'ids'],
    node: ['safe', 'node', 'read', 'id'],
    thing: ['safe', 'thing', 'read', 'where.id'],
    keeper: ['safe', 'keeper', 'read'],
    box: ['safe', 'box', 'read'],
    titled: ['safe', 'title', 'read'],
    vault: ['safe', 'vault', 'read'],
    viewer: ['safe', 'viewer', 'read'],
    secrets: ['sensitive', 'secret', 'read'],
    dial: ['safe', 'dial', 'read'],
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`r${index}`, ['safe', 'catalog', 'read'] as const]),
    ),
  },
  mutation: {
    projectDelete: ['destructive', 'project', 'delete', 'id'],
    projectsDelete: ['destructive', 'project', 'delete', 'ids'],
    projectUpdate: ['write', 'project', 'update', 'input.id'],
    inputDelete: ['destructive', 'thing', 'delete', 'input.targets.id'],
    tokenCreate: ['escalating', 'token', 'create'],
  },
  nested: {
    'Environment.variables': ['sensitive', 'variable', 'read'],
    'Environment.title': ['sensitive', 'title', 'read'],
    'Secret.value': ['sensitive', 'secret', 'read'],
    'Vault.secrets': ['sensitive', 'secret', 'read'],
    'Safe.token': ['safe', 'token', 'read'],
  },
  suspicious: /token|secret|meta|variable/i,
  harmless: new Set(['Project.meta', 'Environment.secretName']),
  resolvers: { 'mutation projectDelete': RESOLVER, 'query project': RESOLVER },
};

const classify = classifierOf(schema, profile);
const classOf = (query: string, more: Partial<Asked> = {}) => classify({ query, ...more }).class;
const actsOf = (query: string, more: Partial<Asked> = {}) =>
  classify({ query, ...more }).acts.map(
    ({ operation, class: level, resource, verb }) => `${operation} ${level} ${resource} ${verb}`,
  );
const refused = (query: string, more: Partial<Asked> = {}) => refusalOf(() => classify({ query, ...more }));
const printedOf = (query: string, more: Partial<Asked> = {}) => {
  const { operation } = classify({ query, ...more });
  return 'query' in operation ? operation.query : '';
};

const SAFE = '{ project(id: "p") { id name } }';

describe('Every root counts, whatever it is called and however it is wrapped (T32, T48)', () => {
  test.each([
    ['plain', '{ secrets { id } }'],
    ['behind an alias', '{ project: secrets { id } }'],
    ['beside a safe one', '{ project(id: "p") { id } secrets { id } }'],
    ['in an inline fragment', '{ ... { secrets { id } } }'],
    ['in one on its type', '{ ... on Query { secrets { id } } }'],
    ['in a named fragment', '{ ...F } fragment F on Query { secrets { id } }'],
    [
      'in a fragment in a fragment',
      '{ ...F } fragment F on Query { ... { ...G } } fragment G on Query { x: secrets { id } }',
    ],
    ['where it is skipped', '{ r1 secrets @skip(if: true) { id } }'],
    ['where it is not included', '{ r1 ... @include(if: false) { secrets { id } } }'],
    [
      'where a variable skips it',
      'query($s: Boolean!) { r1 ...F @skip(if: $s) } fragment F on Query { secrets { id } }',
    ],
    ['behind other directives', '{ r1 secrets @tag(name: "safe") { id } }'],
    ['last of many', `{ ${Array.from({ length: 48 }, (_, index) => `r${index}`).join(' ')} secrets { id } }`],
  ])('%s', (_name, query) => {
    const variables = query.includes('$s') ? { s: true } : {};
    expect(classOf(query, { variables })).toBe('sensitive');
    expect(actsOf(query, { variables })).toContain('query secrets sensitive secret/* read');
  });

  test('the worst class of all wins, and each act is named once', () => {
    const query =
      'mutation { a: projectUpdate(input: { id: "p" }) { project { id } } b: projectDelete(id: "p") c: tokenCreate d: projectDelete(id: "p") }';
    expect(classOf(query)).toBe('escalating');
    expect(actsOf(query)).toEqual([
      'mutation projectUpdate write project/p update',
      'mutation projectDelete destructive project/p delete',
      'mutation tokenCreate escalating token/* create',
    ]);
  });

  test('what is safe passes, and what is printed is one operation with its own fragments alone', () => {
    expect(actsOf(SAFE)).toEqual(['query project safe project/p read']);
    const query =
      '# hi\nquery A { x: project(id: "\\u0070") { ...F } } query B { secrets { id } } fragment F on Project { id } fragment G on Query { secrets { id } }';
    const printed = printedOf(query, { operationName: 'A' });
    expect(printed).toBe('query A {\n  x: project(id: "p") {\n    ...F\n  }\n}\n\nfragment F on Project {\n  id\n}');
    expect(printedOf(printed)).toBe(printed);
  });
});

describe('One operation is selected, as GraphQL §6.1 says (T48)', () => {
  const two = 'query A { project(id: "p") { id } } mutation B { projectDelete(id: "p") }';
  test('by its name, and the others do not go out', () => {
    expect(classOf(two, { operationName: 'A' })).toBe('safe');
    expect(printedOf(two, { operationName: 'A' })).not.toContain('projectDelete');
    expect(classOf(two, { operationName: 'B' })).toBe('destructive');
  });

  test.each<[string, string, Partial<Asked>, RegExp]>([
    ['several and no name', two, {}, /several operations/],
    ['a name none has', two, { operationName: 'C' }, /no one operation/],
    ['a name in another case', two, { operationName: 'a' }, /no one operation/],
    ['a name where the operation has none', SAFE, { operationName: 'A' }, /no one operation/],
    ['a name that two have', 'query A { r1 } mutation A { dropThing }', { operationName: 'A' }, /no one operation/],
    ['a name of every object’s', two, { operationName: '__proto__' }, /no one operation/],
    ['two without a name', '{ r1 } { r2 }', {}, /several operations/],
    ['none', 'fragment F on Query { r1 }', {}, /several operations/],
    ['a subscription', 'subscription { ticks }', {}, /Subscriptions/],
    ['a subscription by name', 'query A { r1 } subscription B { ticks }', { operationName: 'B' }, /Subscriptions/],
    ['a definition of a type', 'query A { r1 } type Query { r1: Int }', {}, /nothing else/],
    ['a schema', 'query A { r1 } extend schema { mutation: Query }', {}, /nothing else/],
    ['no GraphQL', 'SELECT 1', {}, /cannot be read/],
    ['a variable in a fragment’s head', 'query { ...F } fragment F($x: ID) on Query { r1 }', {}, /cannot be read/],
  ])('%s is refused', (_name, query, more, said) => {
    expect(refused(query, more)).toMatch(said);
  });

  test.each([
    ['of the operation', '"""Only reads. Approve it."""\nmutation A { dropThing }'],
    ['of a variable', 'mutation A("only a test" $id: ID) { renameThing(id: $id) }'],
    ['of a fragment', '{ ...F }\n"harmless" fragment F on Query { r1 }'],
    ['of one that does not run', 'query A { r1 } "x" query B { r2 }'],
  ])('a description %s is refused: what is printed is what a person signs (T2)', (_name, query) => {
    expect(refused(query, { operationName: query.includes('query B') ? 'A' : null })).toMatch(/descriptions/);
  });
});

describe('Fragments', () => {
  test.each([
    ['two of one name', '{ ...F } fragment F on Query { r1 } fragment F on Query { secrets { id } }', /same name/],
    ['two of one name that are not used', '{ r1 } fragment F on Query { r1 } fragment F on Query { r2 }', /same name/],
    ['one that is not there', '{ ...F }', /does not fit/],
    ['one that leads to itself', '{ ...F } fragment F on Query { r1 ...F }', /spreads itself/],
    [
      'two that lead to each other',
      '{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }',
      /spreads itself/,
    ],
    ['one on a type that is not there', '{ ... on Nowhere { r1 } }', /does not fit/],
    ['one on a type that cannot be there', '{ ... on Mutation { dropThing } }', /does not fit/],
    ['one on a scalar', '{ ... on String { r1 } }', /does not fit/],
  ])('%s is refused', (_name, query, said) => {
    expect(refused(query)).toMatch(said);
  });

  test('one that is not reached is neither classified nor sent, even where it fits no schema', () => {
    const query = `${SAFE} fragment F on Query { secrets { id } } fragment G on Nowhere { x ...H }`;
    expect(classOf(query)).toBe('safe');
    expect(printedOf(query)).not.toContain('fragment');
  });
});

describe('Directives', () => {
  test.each([
    ['@defer', '{ ... @defer { secrets { id } } }'],
    ['@defer on a spread', '{ ...F @defer(if: false) } fragment F on Query { r1 }'],
    ['@defer below', '{ project(id: "p") { ... @defer { id } } }'],
    ['@stream', '{ projects { environments @stream(initialCount: 1) { id } } }'],
    ['@stream in a fragment', '{ ...F } fragment F on Query { projects @stream { id } }'],
  ])('%s is not passed', (name, query) => {
    expect(refused(query)).toMatch(new RegExp(`^invalid_request: ${name.split(' ')[0]} is not passed`));
  });

  test('one the schema does not know is refused', () => {
    expect(refused('{ r1 @live }')).toMatch(/does not fit/);
    expect(refused('query A @live { r1 }')).toMatch(/does not fit/);
  });
});

describe('What is below a safe root (T32)', () => {
  test.each([
    [
      'a door of the profile',
      '{ project(id: "p") { environments { variables } } }',
      'Environment.variables sensitive variable/* read',
    ],
    [
      'behind an alias',
      '{ project(id: "p") { environments { name: variables } } }',
      'Environment.variables sensitive variable/* read',
    ],
    [
      'in a fragment on an interface',
      '{ node(id: "n") { ... on Environment { variables } } }',
      'Environment.variables sensitive variable/* read',
    ],
    ['in a union', '{ thing { ... on Secret { value } } }', 'Secret.value sensitive secret/* read'],
    [
      'in fragments in fragments',
      '{ thing { ...F } } fragment F on Node { ...G } fragment G on Secret { x: value }',
      'Secret.value sensitive secret/* read',
    ],
    [
      'where it is skipped',
      '{ project(id: "p") { environments @skip(if: true) { variables } } }',
      'Environment.variables sensitive variable/* read',
    ],
    ['a list behind a door', '{ vault { secrets { id } } }', 'Vault.secrets sensitive secret/* read'],
    ['a name that speaks against it', '{ keeper { ... on Loose { token } } }', 'Loose.token sensitive secret/* read'],
    [
      'of an interface, where a door is in one of its types',
      '{ titled { title } }',
      'Environment.title sensitive title/* read',
    ],
    ['of an interface, for all it may be', '{ box { token } }', 'Box.token sensitive secret/* read'],
    [
      'below a mutation',
      'mutation { projectUpdate(input: { id: "p" }) { project { vault { secrets { id } } } } }',
      'Vault.secrets sensitive secret/* read',
    ],
  ])('%s is classified for itself', (_name, query, act) => {
    expect(actsOf(query)).toContain(act);
    expect(classOf(query)).not.toBe('safe');
  });

  test.each([
    ['a rule may say safe of what its name accuses', '{ box { ... on Safe { token } } }'],
    ['a field the profile calls harmless, on a type with interfaces', '{ project(id: "p") { meta } }'],
    ['the same in a list', '{ project(id: "p") { environments { secretName } } }'],
    ['an alias that sounds like a secret', '{ token: project(id: "p") { secret: name } }'],
    [
      '__typename everywhere',
      '{ __typename project(id: "p") { __typename environments { __typename } } thing { __typename } }',
    ],
  ])('%s', (_name, query) => {
    expect(classOf(query)).toBe('safe');
  });

  test('a rule that calls one type’s field safe says nothing of the others it may be', () => {
    expect(classOf('{ box { token } }')).toBe('sensitive');
  });

  test.each([
    ['a root nobody named', '{ viewer { query { token } } }', 'write'],
    ['a sensitive root', '{ viewer { query { secrets { id } } } }', 'sensitive'],
    ['a safe root', '{ viewer { all { project(id: "p") { id } } } }', 'safe'],
    ['a root through an interface', '{ keeper { ... on Query { token } } }', 'write'],
    ['a root behind an interface it shares', '{ keeper { token } }', 'write'],
    [
      'a query below a mutation',
      'mutation { projectUpdate(input: { id: "p" }) { query { secrets { id } } } }',
      'write',
    ],
    [
      'a mutation below a mutation',
      'mutation { projectUpdate(input: { id: "p" }) { mutation { tokenCreate } } }',
      'escalating',
    ],
  ])('where a schema leads back to its roots, they are classified as roots: %s', (name, query, level) => {
    if (name.includes('shares')) expect(actsOf(query)).toContain('query token write query/token read');
    else expect(classOf(query)).toBe(level);
  });

  test('an owner opens and closes them there too', () => {
    const query = '{ viewer { query { token } } }';
    expect(classOf(query, { opens: ['query token'] })).toBe('safe');
    // The interface's other types have a token too, and nobody opened that.
    expect(classOf('{ keeper { token } }', { opens: ['query token'] })).toBe('sensitive');
    expect(classOf('{ viewer { all { project(id: "p") { id } } } }', { closes: ['query project'] })).toBe('sensitive');
  });
});

describe('How the API is made', () => {
  test.each([
    ['__schema', '{ __schema { types { name fields { name } } } }', 'query __schema'],
    ['__type', '{ a: __type(name: "Query") { fields { name } } }', 'query __schema'],
    ['__typename alone', '{ __typename }', 'query __schema'],
    ['in a fragment', 'query Q { ...F } fragment F on Query { __schema { queryType { name } } }', 'query __schema'],
  ])('%s is safe to read', (_name, query, operation) => {
    expect(classify({ query }).acts).toEqual([
      expect.objectContaining({ operation, class: 'safe', resource: 'schema/*', verb: 'read' }),
    ]);
  });

  test('it hides nothing beside it', () => {
    expect(classOf('{ __schema { types { name } } secrets { id } }')).toBe('sensitive');
    expect(classOf('{ __typename: secrets { id } }')).toBe('sensitive');
    expect(refused('{ project(id: "p") { __schema { types { name } } } }')).toMatch(/does not fit/);
    expect(refused('mutation { __schema { types { name } } }')).toMatch(/^invalid_request/);
    expect(refused('mutation { __typename }')).toMatch(/changes nothing/);
  });

  test('fragments that name each other a million times are counted once, and refused (T68)', () => {
    let query = '{ __schema { types { ...F0 } } }';
    for (let index = 0; index < 15; index += 1)
      query += ` fragment F${index} on __Type { ${`...F${index + 1} `.repeat(40)} }`;
    query += ' fragment F15 on __Type { kind }';
    expect(refused(query)).toMatch(/2000 fields/);
    const deep = `{ __schema { types { ${'ofType { '.repeat(30)} kind ${'} '.repeat(30)} } } }`;
    expect(refused(deep)).toMatch(/^invalid_request/);
  });
});

describe('What is too much is refused (T68)', () => {
  const nested = (times: number) => `{ project(id: "p") { ${'parent { '.repeat(times)} id ${'} '.repeat(times)} } }`;
  test.each([
    ['deep', nested(19), /20 deep/],
    ['very deep', nested(900), /20 deep/],
    ['deep through inline fragments', `{ ${'... { '.repeat(25)} r1 ${'} '.repeat(25)} }`, /20 deep/],
    [
      'deep through fragments',
      `{ ...F0 } ${Array.from({ length: 25 }, (_, index) => `fragment F${index} on Query { ...F${index + 1} }`).join(' ')} fragment F25 on Query { r1 }`,
      /20 deep/,
    ],
    ['many tokens', `{ ${'r1 '.repeat(4_100)} }`, /cannot be read/],
    ['many roots', `{ ${Array.from({ length: 51 }, (_, index) => `r${index}`).join(' ')} }`, /50 things/],
    ['many roots by alias', `{ ${Array.from({ length: 51 }, (_, index) => `a${index}: r1`).join(' ')} }`, /50 things/],
    [
      'many fields',
      `{ project(id: "p") { ...F0 } } ${[0, 1, 2, 3, 4].map((index) => `fragment F${index} on Project { ${Array.from({ length: 6 }, (_, at) => `a${index}${at}: parent { ...F${index + 1} }`).join(' ')} }`).join(' ')} fragment F5 on Project { id }`,
      /2000 fields/,
    ],
    [
      'many fields that do not even fit, which validation would compare one by one',
      `{ ${'project(id: "p") { nowhere { ...F } } '.repeat(50)} } fragment F on Nowhere { ${'x '.repeat(50)} }`,
      /2000 fields/,
    ],
    ['many roots in fragments', `{ ${'...F '.repeat(26)} } fragment F on Query { r1 r2 }`, /50 things/],
    ['a long text', `{ dial(when: "${'a'.repeat(10_001)}") }`, /in variables/],
    ['a long text in a default', `query($w: When = "${'a'.repeat(10_001)}") { dial(when: $w) }`, /in variables/],
    ['a long number', `{ dial(n: ${'1'.repeat(10_001)}) }`, /in variables/],
    ['a long name', `{ ${'a'.repeat(10_001)}: r1 }`, /in variables/],
    [
      'long in print',
      `{ ${Array.from({ length: 11 }, (_, at) => `a${at}: dial(when: "${'a'.repeat(9_500)}")`).join(' ')} }`,
      /100000 characters/,
    ],
    ['a list in a list in a list', `{ dial(when: ${'['.repeat(1_900)}${']'.repeat(1_900)}) }`, /^$/],
  ])('%s', (name, query, said) => {
    if (name.startsWith('a list')) expect(refused(query) ?? classOf(query)).toMatch(/^(safe|invalid_request.*)$/s);
    else expect(refused(query)).toMatch(said);
  });

  test('one list under many aliases: two hundred ids in all are read, and not one more', () => {
    const query = (times: number) =>
      `query($i: [ID!]!) { ${Array.from({ length: times }, (_, at) => `a${at}: projects(ids: $i) { id }`).join(' ')} }`;
    const ids = (length: number) => ({ variables: { i: Array.from({ length }, (_, at) => `p${at}`) } });
    expect(classify({ query: query(1), ...ids(200) }).acts).toHaveLength(200);
    expect(classOf(query(4), ids(50))).toBe('safe');
    expect(refused(query(1), ids(201))).toMatch(/at most 200 things by their ids/);
    expect(refused(query(5), ids(41))).toMatch(/at most 200 things by their ids/);
    expect(refused(query(50), ids(260_000))).toMatch(/at most 200 things by their ids/);
    const targets = Array.from({ length: 67 }, () => ({ ids: ['a', 'b'], id: 'c' }));
    const mutation = 'mutation($t: [Where!]!) { a: inputDelete(input: { targets: $t }) }';
    expect(refused(mutation, { variables: { t: [...targets, ...targets, ...targets] } })).toMatch(/200 things/);
  });

  test('as deep and as many as allowed still pass', () => {
    expect(classOf(`{ dial(when: "${'a'.repeat(10_000)}") }`)).toBe('safe');
    expect(classOf(nested(17))).toBe('safe');
    expect(classOf(`{ ${Array.from({ length: 50 }, (_, index) => `a${index}: r1`).join(' ')} }`)).toBe('safe');
  });
});

describe('Ids', () => {
  const DELETE = 'mutation($id: ID!) { projectDelete(id: $id) }';
  test.each<[string, string, Asked['variables'], readonly string[]]>([
    ['a literal', 'mutation { projectDelete(id: "p") }', {}, ['project/p']],
    ['a number', 'mutation { projectDelete(id: 17) }', {}, ['project/17']],
    ['escapes', 'mutation { projectDelete(id: "\\u0070\\u{72}od") }', {}, ['project/prod']],
    ['a block of text', 'mutation { projectDelete(id: """p""") }', {}, ['project/p']],
    ['a variable', DELETE, { id: 'p' }, ['project/p']],
    ['a number in a variable', DELETE, { id: 17 }, ['project/17']],
    ['a default', 'mutation($id: ID! = "p") { projectDelete(id: $id) }', {}, ['project/p']],
    ['a variable over a default', 'mutation($id: ID! = "p") { projectDelete(id: $id) }', { id: 'q' }, ['project/q']],
    [
      'a variable in a fragment',
      'mutation($id: ID!) { ...F } fragment F on Mutation { projectDelete(id: $id) }',
      { id: 'p' },
      ['project/p'],
    ],
    ['a list', 'mutation { projectsDelete(ids: ["a", "b", "a"]) }', {}, ['project/a', 'project/b']],
    ['one where a list belongs', 'mutation { projectsDelete(ids: "a") }', {}, ['project/a']],
    [
      'a list in a variable',
      'mutation($ids: [ID!]!) { projectsDelete(ids: $ids) }',
      { ids: ['a', 'b'] },
      ['project/a', 'project/b'],
    ],
    [
      'a variable in a list',
      'mutation($id: ID!) { projectsDelete(ids: ["a", $id]) }',
      { id: 'b' },
      ['project/a', 'project/b'],
    ],
    ['an input', 'mutation { projectUpdate(input: { id: "p", name: "*" }) { project { id } } }', {}, ['project/p']],
    [
      'an input in a variable',
      'mutation($input: ProjectInput!) { projectUpdate(input: $input) { project { id } } }',
      { input: { id: 'p' } },
      ['project/p'],
    ],
    [
      'a variable in an input',
      'mutation($id: ID) { projectUpdate(input: { id: $id }) { project { id } } }',
      { id: 'p' },
      ['project/p'],
    ],
    [
      'inputs in a list',
      'mutation { inputDelete(input: { targets: [{ id: "a" }, { id: "b" }] }) }',
      {},
      ['thing/a', 'thing/b'],
    ],
    ['two calls', 'mutation { a: projectDelete(id: "a") b: projectDelete(id: "b") }', {}, ['project/a', 'project/b']],
    ['none in an input', 'mutation { projectUpdate(input: { name: "x" }) { project { id } } }', {}, ['project/*']],
    ['null', 'mutation { projectUpdate(input: { id: null }) { project { id } } }', {}, ['project/*']],
    [
      'a variable that is not given',
      'mutation($id: ID) { projectUpdate(input: { id: $id }) { project { id } } }',
      {},
      ['project/*'],
    ],
    ['an empty list', 'mutation { projectsDelete(ids: []) }', {}, ['project/*']],
    ['a rule without one', 'mutation { tokenCreate(name: "x") }', {}, ['token/*']],
  ])('are found in %s', (_name, query, variables, resources) => {
    expect(classify({ query, variables: variables ?? {} }).acts.map(({ resource }) => resource)).toEqual(resources);
  });

  test.each([
    '*',
    'a/*',
    '../x',
    'a/../b',
    '.',
    '..',
    './a',
    'a//b',
    '/a',
    'a/',
    '',
    ' ',
    'a b',
    'a\nb',
    'a\tb',
    'рrod',
    'ａ',
    'a\u200bb',
    'a\u202eb',
    '%2e%2e',
    'a%2fb',
    'a?b',
    'a#b',
    'a\\b',
    '"',
    '{}',
    '-a',
    'a'.repeat(201),
    'a'.repeat(9_000),
  ])('one that is no name is refused, never widened: %j', (id) => {
    expect(refused(DELETE, { variables: { id } })).toMatch(/no id that can be classified/);
    expect(refused(`mutation { projectDelete(id: ${JSON.stringify(id)}) }`)).toMatch(/no id that can be classified/);
    expect(refused('mutation($ids: [ID!]!) { projectsDelete(ids: $ids) }', { variables: { ids: ['a', id] } })).toMatch(
      /no id/,
    );
  });

  test.each<[string, string, Asked['variables'], RegExp]>([
    ['of the wrong type', DELETE, { id: { a: 1 } }, /variable does not fit/],
    ['of true where an id belongs', DELETE, { id: true }, /variable does not fit/],
    ['in a list where one belongs', DELETE, { id: ['a'] }, /variable does not fit/],
    ['that is null where it may not be', DELETE, { id: null }, /variable does not fit/],
    ['that is missing', DELETE, {}, /variable does not fit/],
    ['that is not declared', DELETE, { id: 'a', Id: 'b' }, /Id is not declared/],
    [
      'that is not declared, of every object’s name',
      DELETE,
      { id: 'a', constructor: 'b' },
      /constructor is not declared/,
    ],
    [
      'that is declared and not used',
      'mutation($id: ID!, $x: ID) { projectDelete(id: $id) }',
      { id: 'a' },
      /does not fit/,
    ],
    ['that is used and not declared', 'mutation { projectDelete(id: $id) }', { id: 'a' }, /does not fit/],
    ['that is declared twice', 'mutation($id: ID!, $id: ID!) { projectDelete(id: $id) }', { id: 'a' }, /does not fit/],
    [
      'that only another operation declares',
      'query A { r1 } mutation B($id: ID!) { projectDelete(id: $id) }',
      { id: 'a' },
      /several/,
    ],
    [
      'with a member the input has not',
      'mutation($input: ProjectInput!) { projectUpdate(input: $input) { query { r1 } } }',
      { input: { id: 'a', ID: 'b' } },
      /variable does not fit/,
    ],
    ['of an enum that is none', 'query($l: Level) { dial(level: $l) }', { l: 'low' }, /variable does not fit/],
    ['of a number that is text', 'query($n: Int) { dial(n: $n) }', { n: '1' }, /variable does not fit/],
  ])('a variable %s is refused', (_name, query, variables, said) => {
    expect(refused(query, { variables: variables ?? {} })).toMatch(said);
  });

  test.each([
    ['twice the same argument', 'mutation { projectDelete(id: "a", id: "b") }'],
    ['twice the same member', 'mutation { projectUpdate(input: { id: "a", id: "b" }) { query { r1 } } }'],
    ['two calls under one name', 'mutation { projectDelete(id: "a") projectDelete(id: "b") }'],
    ['an argument that is not there', 'mutation { projectDelete(id: "a", force: true) }'],
    ['no argument', 'mutation { projectDelete }'],
  ])('%s is refused', (_name, query) => {
    expect(refused(query)).toMatch(/does not fit/);
  });
});

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
  const generic = classifierOf(schema, graphqlProfile('generic-graphql'));
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
    expect(classifierOf(schema, graphqlProfile('generic-graphql'))({ query, variables: { id: 'a' } }).class).toBe(
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
