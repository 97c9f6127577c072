import { describe, expect, test } from 'vitest';
import type { Json } from '#lib/core';
import type { FactRule, Resolver, Step } from '#lib/profiles';
import { resolve } from './resolve';

const VOLUMES = 'volumes';
const BACKUPS = 'backups';

const volumes: Step = {
  as: 'volume',
  read: VOLUMES,
  variables: {},
  take: 'volumes[]',
  where: ['id', 'args.volumeId'],
};
const backups: Step = {
  as: 'backups',
  read: BACKUPS,
  variables: { instance: 'volume.instances[].id' },
  take: 'backups',
};

const fact = (more: Partial<FactRule>): FactRule => ({
  label: 'Fact',
  path: 'volume.name',
  show: 'value',
  weight: 'plain',
  bound: true,
  ...more,
});

const RESOLVER: Resolver = {
  steps: [volumes, backups],
  facts: [
    fact({ label: 'Volume' }),
    fact({ label: 'Size', path: 'volume.instances[].sizeMB', unit: 'MB', bound: false }),
    fact({ label: 'Attached to', path: 'volume.instances[].service.name', empty: 'nothing' }),
    fact({ label: 'Backups', path: 'backups[].name', show: 'list', weight: 'danger', empty: 'none' }),
    fact({ label: 'How many', path: 'backups[]', show: 'count', empty: 'none' }),
  ],
  environment: 'volume.instances[].environment.name',
  subject: 'volume.name',
};

const instance = (id: string, environment: string | null, service: string | null = 'api') => ({
  id,
  sizeMB: 50_000,
  environment: environment === null ? null : { name: environment },
  service: service === null ? null : { name: service },
});

const world = (volume: object = {}) => ({
  volumes: [
    { id: 'v0', name: 'other', instances: [] },
    { id: 'v1', name: 'data', instances: [instance('i1', 'staging')], ...volume },
  ],
});

const BACKUP_LIST = { backups: [{ name: 'b' }, { name: 'a' }] };

/** Answers by document; a function of the variables where one is given. */
const answering =
  (answers: Readonly<Record<string, unknown>>) =>
  async (document: string, variables: object): Promise<Json> => {
    const answer = answers[document];
    if (answer === undefined) throw new Error('refused');
    return (typeof answer === 'function' ? answer(variables) : answer) as Json;
  };

const lookAt = (answers: Readonly<Record<string, unknown>>, args: { [name: string]: Json } = { volumeId: 'v1' }) =>
  resolve(RESOLVER, args, answering({ [VOLUMES]: world(), [BACKUPS]: BACKUP_LIST, ...answers }));

const lines = async (look: ReturnType<typeof lookAt>) =>
  Object.fromEntries((await look).found.map(({ label, values }) => [label, values]));

describe('Looking up what an id stands for', () => {
  test('finds names, sizes, neighbours and what would go along', async () => {
    const resolution = await lookAt({});
    expect(Object.fromEntries(resolution.found.map(({ label, values }) => [label, values]))).toEqual({
      Volume: ['data'],
      Size: ['50,000 MB'],
      'Attached to': ['api'],
      Backups: ['a', 'b'],
      'How many': ['2'],
    });
    expect(resolution).toMatchObject({ environment: 'staging', subject: 'data', unknown: false });
  });

  test('says "none" only where the read worked and there is none', async () => {
    expect(await lines(lookAt({ [BACKUPS]: { backups: [] } }))).toMatchObject({
      Backups: ['none'],
      'How many': ['none'],
    });
    expect(await lines(lookAt({ [VOLUMES]: world({ instances: [] }) }))).toMatchObject({ Backups: ['none'] });
  });

  test.each<[string, Readonly<Record<string, unknown>>, { [name: string]: Json }]>([
    ['the read is refused', { [VOLUMES]: undefined }, { volumeId: 'v1' }],
    ['nothing has that id', {}, { volumeId: 'v9' }],
    ['the argument is not there', {}, {}],
    ['the argument is null', {}, { volumeId: null }],
    ['the answer has another shape', { [VOLUMES]: { volumes: { v1: {} } } }, { volumeId: 'v1' }],
    ['the answer is null', { [VOLUMES]: { volumes: null } }, { volumeId: 'v1' }],
    ['the answer is nothing at all', { [VOLUMES]: null }, { volumeId: 'v1' }],
  ])('is UNKNOWN in every line where %s (P7)', async (_why, answers, args) => {
    const resolution = await lookAt(answers, args);
    expect(resolution.found.map(({ values }) => values)).toEqual([null, null, null, null, null]);
    expect(resolution).toMatchObject({ environment: null, subject: null, unknown: true });
  });

  test('marks just what rests on a read that failed', async () => {
    expect(await lines(lookAt({ [BACKUPS]: undefined }))).toEqual({
      Volume: ['data'],
      Size: ['50,000 MB'],
      'Attached to': ['api'],
      Backups: null,
      'How many': null,
    });
  });

  test('of several reads one that fails makes the whole list unknown: half a list is a lie', async () => {
    const answers = {
      [VOLUMES]: world({ instances: [instance('i1', 'staging'), instance('i2', 'staging')] }),
      [BACKUPS]: ({ instance: id }: { instance: string }) => (id === 'i2' ? { backups: null } : BACKUP_LIST),
    };
    expect(await lines(lookAt(answers))).toMatchObject({ Volume: ['data'], Backups: null, 'How many': null });
  });

  test('goes through every instance, and shows what each has', async () => {
    const answers = {
      [VOLUMES]: world({ instances: [instance('i1', 'staging'), instance('i2', 'staging', null)] }),
      [BACKUPS]: ({ instance: id }: { instance: string }) => ({ backups: [{ name: `of ${id}` }] }),
    };
    expect(await lines(lookAt(answers))).toMatchObject({
      Backups: ['of i1', 'of i2'],
      'How many': ['2'],
      'Attached to': ['api'],
    });
  });

  test('never leaves out a thing because it has no name', async () => {
    const answers = { [BACKUPS]: { backups: [{ name: null }, { name: null }] } };
    expect(await lines(lookAt(answers))).toMatchObject({ Backups: ['not given', 'not given'], 'How many': ['2'] });
  });

  test('reads no more than fifty times, and says UNKNOWN beyond', async () => {
    let reads = 0;
    const instances = Array.from({ length: 60 }, (_, index) => instance(`i${index}`, 'staging'));
    const look = resolve(RESOLVER, { volumeId: 'v1' }, async (document) => {
      reads += 1;
      return document === VOLUMES ? (world({ instances }) as Json) : BACKUP_LIST;
    });
    expect(await lines(look)).toMatchObject({ Volume: ['data'], Backups: null });
    expect(reads).toBe(50);
  });

  test('matches an id in a path with a number in the body', async () => {
    const byNumber = { volumes: [{ id: 17, name: 'seventeen', instances: [] }] };
    expect(await lines(lookAt({ [VOLUMES]: byNumber }, { volumeId: '17' }))).toMatchObject({ Volume: ['seventeen'] });
  });

  test('looks at one thing once, however often it is named', async () => {
    const answers = {
      [VOLUMES]: world({ instances: [instance('i1', 'staging'), instance('i1', 'staging')] }),
      [BACKUPS]: { backups: [{ name: 'a' }] },
    };
    expect(await lines(lookAt(answers))).toMatchObject({ Backups: ['a'] });
  });

  test('keeps together what belongs to one element of a list', async () => {
    const pairs: Step = {
      as: 'pairs',
      read: 'pair',
      variables: { e: 'args.list[].e', s: 'args.list[].s', fixed: 'args.fixed' },
      take: 'said',
    };
    const resolver: Resolver = {
      steps: [pairs],
      facts: [fact({ path: 'pairs[]', show: 'list' })],
      environment: null,
      subject: null,
    };
    const list = [
      { e: 1, s: 'a' },
      { e: 2, s: null },
      { e: 3, s: 'c' },
    ];
    const said = answering({
      pair: ({ e, s, fixed }: { e: number; s: string; fixed: string }) => ({ said: `${e}${s}${fixed}` }),
    });
    const { found } = await resolve(resolver, { list, fixed: '!' }, said);
    expect(found[0]?.values).toEqual(['1a!', '3c!']);
  });
});

describe('A list that comes in pages', () => {
  const paged: Step = {
    ...volumes,
    read: 'page',
    variables: { of: 'args.places[]' },
    take: 'list.items',
    pages: 'list.pageInfo',
    whole: ['list.items[].parts.hasNextPage'],
  };
  const resolver: Resolver = {
    steps: [paged],
    facts: [fact({ path: 'volume.name', show: 'list' })],
    environment: null,
    subject: null,
  };
  const item = (id: string, more = false) => ({ id, name: `${id}!`, parts: { hasNextPage: more } });
  const page = (items: object[], endCursor: string | null) => ({
    list: { items, pageInfo: { hasNextPage: endCursor !== null, endCursor } },
  });
  const look = async (pages: (variables: { of: string; after?: string }) => unknown, volumeId = 'v1') => {
    const { found } = await resolve(resolver, { volumeId, places: ['a', 'b'] }, answering({ page: pages }));
    return found[0]?.values ?? null;
  };

  test('is read to its end, in every place', async () => {
    const seen: string[] = [];
    const values = await look(({ of, after }) => {
      seen.push(`${of} ${after}`);
      return of === 'a' && after === undefined
        ? page([item('v0')], 'next')
        : page([item(after === undefined ? 'v2' : 'v1')], null);
    });
    expect(values).toEqual(['v1!']);
    expect(seen).toEqual(['a undefined', 'a next', 'b undefined']);
  });

  test.each<[string, (variables: { of: string; after?: string }) => unknown]>([
    [
      'says that there is more and not where',
      () => ({ list: { items: [item('v1')], pageInfo: { hasNextPage: true } } }),
    ],
    ['does not say whether there is more', () => ({ list: { items: [item('v1')], pageInfo: {} } })],
    ['gives only a part of a list inside', () => page([item('v1', true)], null)],
    ['does not say whether a list inside is whole', () => page([{ id: 'v1', name: 'x', parts: {} }], null)],
    ['breaks on the second page', ({ after }) => (after === undefined ? page([item('v1')], 'next') : null)],
    ['never ends', () => page([item('v1')], 'again')],
    ['breaks in one of the places', ({ of }) => (of === 'a' ? page([item('v1')], null) : null)],
  ])('is UNKNOWN where the provider %s: half a list is none', async (_what, pages) => {
    expect(await look(pages)).toBeNull();
  });
});

describe('What may not be there', () => {
  const service: Step = { as: 'service', read: 'service', variables: { id: 'args.serviceId' }, take: 'service' };
  const resolver = (more: Partial<Step>): Resolver => ({
    steps: [{ ...service, ...more }],
    facts: [fact({ path: 'service.name', empty: 'none' })],
    environment: null,
    subject: null,
  });
  const look = async (args: { [name: string]: Json }, more: Partial<Step> = { optional: true }) => {
    const { found } = await resolve(
      resolver(more),
      args,
      answering({ service: ({ id }: { id: string }) => ({ service: id === 's' ? { name: 'api' } : null }) }),
    );
    return found[0]?.values ?? null;
  };

  test.each<[string, { [name: string]: Json }]>([
    ['is not among the arguments', {}],
    ['is null', { serviceId: null }],
  ])('is nothing where it %s, and UNKNOWN where it should be there', async (_what, args) => {
    expect(await look(args)).toEqual(['none']);
    expect(await look(args, {})).toBeNull();
  });

  test('is UNKNOWN where it is named and not found', async () => {
    expect(await look({ serviceId: 's' })).toEqual(['api']);
    expect(await look({ serviceId: 'other' })).toBeNull();
  });

  test('is UNKNOWN where what it stands in is not found', async () => {
    const within: Partial<Step> = { take: 'service.project', optional: true };
    const { found } = await resolve(resolver(within), { serviceId: 's' }, answering({ service: { service: null } }));
    expect(found[0]?.values).toBeNull();
  });

  test('is UNKNOWN where it hangs on what is not known', async () => {
    const steps: Step[] = [
      { as: 'first', read: 'refused', variables: {}, take: '' },
      { ...service, variables: { id: 'first.serviceId' }, optional: true },
    ];
    const { found } = await resolve({ ...resolver({}), steps }, {}, answering({}));
    expect(found[0]?.values).toBeNull();
  });

  test('is nothing where nothing is left, if the profile says so', async () => {
    const step: Partial<Step> = {
      as: 'service',
      read: VOLUMES,
      variables: {},
      take: 'volumes',
      where: ['id', 'args.id'],
    };
    const of = async (more: Partial<Step>) =>
      (await resolve(resolver({ ...step, ...more }), { id: 'v9' }, answering({ [VOLUMES]: world() }))).found[0]?.values;
    expect(await of({ optional: true })).toEqual(['none']);
    expect(await of({})).toBeNull();
    expect(await of({ optional: true, where: ['ident', 'args.id'] })).toBeNull();
  });
});

describe('A line with what stands beside its value', () => {
  const backed = (rows: object[], rule: Partial<FactRule> = {}) =>
    resolve(
      {
        steps: [{ ...backups, variables: {} }],
        facts: [fact({ path: 'backups.name', show: 'list', also: ['at', 'by.name'], ...rule })],
        environment: null,
        subject: null,
      },
      {},
      answering({ [BACKUPS]: { backups: rows } }),
    ).then(({ found }) => found[0]?.values ?? null);

  test('shows which belongs to which', async () => {
    const rows = [
      { name: 'b', at: '2', by: { name: 'ada' } },
      { name: 'a', at: '9', by: null },
      { name: null, at: '1', by: { name: 'ada' } },
    ];
    expect(await backed(rows)).toEqual(['a (9, not given)', 'b (2, ada)', 'not given (1, ada)']);
    expect(await backed(rows, { path: 'backups.at', also: ['name'], unit: 'MB' })).toEqual([
      '1 MB (not given)',
      '2 MB (b)',
      '9 MB (a)',
    ]);
  });

  test('is UNKNOWN where the answer has no such field', async () => {
    expect(await backed([{ name: 'a', at: '1' }])).toBeNull();
    expect(
      await backed([
        { name: 'a', at: '1', by: null },
        { name: 'b', at: '2' },
      ]),
    ).toBeNull();
  });
});

describe('The environment', () => {
  const environmentIn = async (...environments: (string | null)[]) =>
    (await lookAt({ [VOLUMES]: world({ instances: environments.map((name, index) => instance(`i${index}`, name)) }) }))
      .environment;

  test.each<[(string | null)[], string | null]>([
    [['staging'], 'staging'],
    [['staging', 'staging'], 'staging'],
    [['staging', 'preview'], 'preview, staging'],
    [['staging', 'production'], 'production'],
    [['aaa', ' Production ', null], 'Production'],
    [['staging', null], null],
    [[], null],
  ])('of a thing in %j is %j', async (environments, environment) => {
    expect(await environmentIn(...environments)).toBe(environment);
  });
});

describe('The name to be typed', () => {
  test.each<[Json, string | null]>([
    ['data', 'data'],
    ['my volume', 'my volume'],
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), null],
    ['', null],
    [' data', null],
    ['dаta', null],
    ['da\u200Bta', null],
    ['da\nta', null],
    [null, null],
    [{ a: 1 }, null],
  ])('%j gives %j', async (name, subject) => {
    expect((await lookAt({ [VOLUMES]: world({ name }) })).subject).toBe(subject);
  });
});

describe('What a provider says is hostile', () => {
  const nameLines = async (name: Json, show: FactRule['show'] = 'value') => {
    const resolver = { ...RESOLVER, facts: [fact({ show })] };
    const { found } = await resolve(
      resolver,
      { volumeId: 'v1' },
      answering({ [VOLUMES]: world({ name }), [BACKUPS]: BACKUP_LIST }),
    );
    return found[0]?.values ?? null;
  };

  test('a long value is cut, and compared whole by its fingerprint', async () => {
    const [one, two] = [await nameLines(`${'x'.repeat(5_000)}1`), await nameLines(`${'x'.repeat(5_000)}2`)];
    expect(one?.[0]).toBe(`${'x'.repeat(199)}…`);
    expect(one?.[0]).toBe(two?.[0]);
    expect(one).not.toEqual(two);
  });

  test('a long list is counted, and compared whole', async () => {
    const many = (last: string) => [...Array.from({ length: 31 }, (_, index) => `b${index + 10}`), last];
    const [one, two] = [await nameLines(many('y'), 'list'), await nameLines(many('z'), 'list')];
    expect(one).toHaveLength(22);
    expect(one?.[20]).toBe('… and 12 more');
    expect(one?.slice(0, 21)).toEqual(two?.slice(0, 21));
    expect(one).not.toEqual(two);
  });

  test('a list in another order is the same list', async () => {
    expect(await nameLines(['b', 'a', 'c'], 'list')).toEqual(await nameLines(['c', 'b', 'a'], 'list'));
  });

  test('nothing in it breaks what is stored and signed', async () => {
    expect(await nameLines('a\0b\uD800c')).toEqual(['a\uFFFDb\uFFFDc']);
    expect(await nameLines({ toString: 1 })).toEqual(['{"toString":1}']);
    expect(await nameLines(true)).toEqual(['yes']);
  });

  test('a cut never splits a character', async () => {
    expect((await nameLines('🙂'.repeat(300)))?.[0]).toBe(`${'🙂'.repeat(199)}…`);
  });
});
