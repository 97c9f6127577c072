import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, type Json, newId, randomToken, sha256Base64url } from '#lib/core';
import { type ApproveStatement, type Statement, sealStatement, challengeOf as wardensChallenge } from '#lib/statement';
import { visible } from '#lib/text';
import { leavesOf, open, shortCode } from './bytes';
import { typedFor } from './facts';
import { page } from './offer';
import { type Tree, textOf } from './tree';

/** Letters, markup, controls, bidi marks, tags, zero-width: whatever an agent may send (T20). */
const nasty = fc
  .string({
    unit: fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.constantFrom(
        '\u202E',
        '\u200B',
        '\u2066',
        '\uFEFF',
        '\u{E0041}',
        '\u00AD',
        '\n',
        '\t',
        '<b>',
        '</p>',
        '<script>',
        '&amp;',
        '\u001B[31m',
        'а',
        '\u0301',
      ),
    ),
    minLength: 1,
    maxLength: 60,
  })
  .filter((text) => text.isWellFormed() && !text.includes('\0'));

const digest = fc.string().map((text) => sha256Base64url(text));
const instant = fc
  .date({ min: new Date(0), max: new Date('2099-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString());
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const count = fc.integer({ min: 1, max: 1_000_000 });

const approval: fc.Arbitrary<Statement> = fc.record({
  type: fc.constant('countersign/statement' as const),
  version: fc.constant(1 as const),
  kind: fc.constant('request.approve' as const),
  decision: fc.constant('approve' as const),
  nonce: fc.constant(null).map(() => randomToken(24)),
  issuedAt: instant,
  expiresAt: instant,
  approver: fc.record({ id: fc.constant(newId('hum')), name: nasty }),
  key: fc.record({
    id: fc.constant(newId('key')),
    class: fc.constantFrom('attested' as const, 'claimed' as const, 'hardware' as const, 'synced' as const),
  }),
  log: fc.record({ events: fc.nat(), head: maybe(fc.constant(newId('evt'))) }),
  request: fc.record({
    id: fc.constant(newId('req')),
    filedAt: instant,
    agent: fc.record({
      id: fc.constant(newId('agt')),
      name: nasty,
      owner: fc.record({ id: fc.constant(newId('hum')), name: nasty }),
      tokenThumbprint: digest,
      keyThumbprint: maybe(digest),
    }),
    target: fc.record({
      id: fc.constant(newId('tgt')),
      name: nasty,
      kind: fc.constantFrom('postgres' as const, 'token' as const),
      environment: nasty,
      chainHash: digest,
    }),
    resources: fc.array(nasty, { minLength: 1, maxLength: 5 }),
    verbs: fc.array(nasty, { minLength: 1, maxLength: 5 }),
    operation: maybe(
      fc.oneof(
        fc.record({
          sql: nasty,
          parameters: fc.array(fc.oneof(nasty, fc.integer(), fc.boolean(), fc.constant(null)), { maxLength: 4 }),
        }),
        fc.record({
          query: fc.constantFrom('{\n  me {\n    id\n  }\n}', 'mutation {\n  volumeDelete(volumeId: "x\\u202e")\n}'),
          variables: fc.dictionary(fc.constantFrom('id', 'input'), fc.oneof(nasty, fc.integer(), fc.constant(null)), {
            maxKeys: 2,
            noNullPrototype: true,
          }),
        }),
        fc.record(
          {
            method: fc.constantFrom('PUT' as const, 'DELETE' as const),
            path: fc.constantFrom('/repos/acme/web', '/v1/%E2%80%AE?x=1'),
            contentType: fc.constant('application/json'),
            body: nasty,
          },
          { requiredKeys: ['method', 'path'] },
        ),
      ),
    ),
    claims: fc.record({ reason: nasty, ticketUrl: maybe(nasty) }),
  }),
  preview: fc.record({
    effects: fc.array(nasty, { maxLength: 4 }),
    warnings: fc.array(nasty, { maxLength: 4 }),
    maxRows: maybe(count),
    plan: maybe(nasty),
    found: fc.array(
      fc.record({
        label: nasty,
        values: maybe(fc.array(nasty, { maxLength: 3 })),
        weight: fc.constantFrom('plain' as const, 'danger' as const),
        bound: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    environment: maybe(nasty),
    subject: maybe(nasty),
    touched: fc.array(
      fc.record({ resource: nasty, how: nasty, countedRows: maybe(count), estimatedRows: maybe(count) }),
      { maxLength: 4 },
    ),
  }),
  previewDigest: digest,
  limits: fc.record({ ttlSeconds: count, maxUses: maybe(count), collectWithinSeconds: count, cooldownSeconds: count }),
  policy: fc.record({ hash: digest, quorum: count, keyClass: fc.constantFrom('hardware' as const, 'any' as const) }),
  confirm: maybe(nasty),
});

const texts = (tree: Tree | string): string[] => (typeof tree === 'string' ? [tree] : tree.children.flatMap(texts));

describe('the review page', () => {
  test('shows every leaf of what the key signs, in words that can be seen (T1, T2, T20, T21)', async () => {
    await fc.assert(
      fc.asyncProperty(approval, async (statement) => {
        const text = sealStatement(statement);
        const opened = await open(text);
        const rendered = texts(page(opened, null).after);
        for (const { path, value } of leavesOf(JSON.parse(text))) {
          expect(rendered).toContain(visible(path));
          expect(rendered).toContain(visible(value, { multiline: true }));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('shows what decides before anything the agent said: verbs, resources, place, time (T2, T21)', async () => {
    await fc.assert(
      fc.asyncProperty(approval, async (statement) => {
        if (statement.kind !== 'request.approve') return;
        const opened = await open(sealStatement(statement));
        const [facts = '', claims] = textOf(page(opened, null).before).split('The agent says — not checked');
        const { request } = statement;
        expect(facts).toContain(visible(request.verbs.join(', ')).toUpperCase());
        for (const resource of request.resources) expect(facts).toContain(visible(resource));
        expect(facts).toContain(visible(request.target.name));
        expect(facts).toContain(visible(request.target.environment).toUpperCase());
        for (const warning of statement.preview.warnings) expect(facts).toContain(visible(warning));
        expect(claims).toContain(visible(request.claims.reason, { multiline: true }));
      }),
      { numRuns: 200 },
    );
  });

  /** Two sampled statements differ in nothing that is looked at here. */
  const previewing = (preview: Partial<ApproveStatement['preview']>): ApproveStatement => {
    const [statement] = fc.sample(approval, 1) as ApproveStatement[];
    if (statement === undefined) throw new Error('no sample');
    return { ...statement, preview: { effects: [], touched: [], warnings: [], maxRows: null, plan: null, ...preview } };
  };

  const CASES: [string, { environment?: string | null; values?: null }, number][] = [
    ['a line that was looked up', { environment: 'staging' }, 0],
    ['one that nobody could look up', { environment: 'staging', values: null }, 1],
    ['and where the provider should have named an environment', { environment: null, values: null }, 2],
    ['but not where it knows none', {}, 0],
  ];
  test.each(CASES)('says UNKNOWN in red, never nothing: %s (T33)', async (_case, { values = ['x'], ...more }, reds) => {
    const found = [{ label: 'Volume', values, weight: 'plain' as const, bound: true }];
    const { before } = page(await open(sealStatement(previewing({ ...more, found }))), null);
    const red = (tree: Tree | string): Tree[] =>
      typeof tree === 'string' ? [] : [...(tree.class === 'unknown' ? [tree] : []), ...tree.children.flatMap(red)];
    expect(red(before).map((tree) => texts(tree).join(''))).toEqual(
      Array(reds).fill(expect.stringContaining('UNKNOWN')),
    );
  });

  test.each([
    [['delete (destructive)'], 'This destroys. '],
    [['create (escalating)'], 'This makes credentials or members, or turns a protection off. '],
    [['create (escalating)', 'delete (destructive)'], /^This destroys, and it makes credentials/],
    [[], 'This destroys. '],
  ])('has a name typed for what it is: %j (T31)', (ways, words) => {
    const touched = ways.map((how) => ({ resource: 'token/*', how, countedRows: null, estimatedRows: null }));
    expect(typedFor(previewing({ touched }))).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  });

  test('makes nothing but text of what others wrote: no attribute, no element comes from a statement', async () => {
    await fc.assert(
      fc.asyncProperty(approval, async (statement) => {
        const { before, after } = page(await open(sealStatement(statement)), null);
        const tags = (tree: Tree): string[] => [
          tree.tag,
          ...tree.children.flatMap((child) => (typeof child === 'string' ? [] : tags(child))),
        ];
        const known = new Set([
          'section',
          'p',
          'h1',
          'h2',
          'ul',
          'ol',
          'li',
          'dl',
          'div',
          'dt',
          'dd',
          'b',
          'strong',
          'em',
          'pre',
          'code',
        ]);
        expect([...tags(before), ...tags(after)].filter((tag) => !known.has(tag))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('says who looked: the gateway of a provider, the warden of a database, or nobody', async () => {
    const found = [{ label: 'Volume', values: null, weight: 'danger', bound: true }];
    const preview = { effects: [], touched: [], warnings: [], maxRows: null, plan: null };
    const base = fc.sample(approval, 1)[0] as ApproveStatement;
    const said = async (kind: string, more: object): Promise<string> => {
      const request = { ...base.request, target: { ...base.request.target, kind } };
      const statement = { ...base, request, preview: { ...preview, ...more } } as ApproveStatement;
      return textOf(page(await open(sealStatement(statement)), null).before);
    };
    expect(await said('graphql', { found, by: 'gateway' })).toContain(
      'Looked up by the gateway, not told by the agent',
    );
    expect(await said('graphql', { found, environment: null })).toContain('Nobody looked it up');
    const touched = [{ resource: 'table/a', how: 'delete', countedRows: 1, estimatedRows: null }];
    expect(await said('postgres', { touched, maxRows: 1 })).toContain('at most 1 row, looked up by the warden');
  });

  test('hashes the same bytes to the same challenge as the warden', async () => {
    await fc.assert(
      fc.asyncProperty(approval, async (statement) => {
        const text = sealStatement(statement);
        const { challenge } = await open(text);
        expect([...challenge]).toEqual([...wardensChallenge(text)]);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['a second key of the same name', '{"a":1,"a":2}'],
    ['another order', '{"b":1,"a":2}'],
    ['a space', '{"a": 1}'],
    ['another spelling of a number', '{"a":1.0}'],
    ['an escape nobody needs', '{"a":"\\u0061"}'],
  ])('signs nothing that can be read in two ways: %s (T22)', async (_name, text) => {
    await expect(open(text)).rejects.toThrow('canonical');
  });

  test('reads canonical JSON as the warden writes it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (value) => {
        const text = canonicalText({ value: JSON.parse(JSON.stringify(value)) as Json });
        await expect(open(text)).resolves.toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  test('is short enough to be read in a sitting: at most 755 lines with its styles', () => {
    const parts = ['bytes', 'dom', 'facts', 'changes', 'key', 'offer', 'start', 'talk', 'tree'].map(
      (name) => `parts/${name}.ts`,
    );
    const files = ['review.html', 'page.css', 'review.ts', ...parts].map((name) => `warden/sign/page/${name}`);
    const lines = files.map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(755);
  });
});

test('a short code is forty bits in letters that are not mistaken for one another', () => {
  expect(shortCode(new Uint8Array([0, 0, 0, 0, 0]))).toBe('0000-0000');
  expect(shortCode(new Uint8Array([255, 255, 255, 255, 255, 9]))).toBe('ZZZZ-ZZZZ');
  expect(shortCode(new Uint8Array([0x08, 0x64, 0x2a, 0x98, 0xe8]))).toBe('11J2-N678');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      expect(shortCode(bytes)).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    }),
  );
});
