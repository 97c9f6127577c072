import { describe, expect, test } from 'vitest';
import { type Asked, classify, classOf, refused } from '#testing/classify';

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
