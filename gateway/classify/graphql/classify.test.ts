import { describe, expect, test } from 'vitest';
import { type Asked, actsOf, classOf, printedOf, refused } from '#testing/classify';

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
