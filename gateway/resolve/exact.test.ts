import { describe, expect, test } from 'vitest';
import type { Act, GraphqlProfile } from '#lib/profiles';
import { graphqlProfile } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import type { Ask, GraphqlConfig } from '#lib/targets';
import { previewOfGrant } from './credential';
import { driftOf } from './drift';
import { blockUnknown, type Classified, previewOfExact, refuseOtherScope } from './exact';
import type { Resolution } from './resolve';

const act = (more: Partial<Act> = {}): Act => ({
  operation: 'mutation volumeDelete',
  class: 'destructive',
  resource: 'volume/v1',
  verb: 'delete',
  why: 'it deletes the volume.',
  ...more,
});

const classified = (acts: readonly Act[] = [act()], more: Partial<Classified> = {}): Classified => ({
  acts,
  class: acts[0]?.class ?? 'safe',
  name: 'mutation volumeDelete',
  args: { volumeId: 'v1' },
  resolver: 'mutation volumeDelete',
  others: 0,
  ...more,
});

const line = (label: string, values: string[] | null, bound = true) =>
  ({ label, values, weight: 'plain', bound }) as const;

const resolution = (more: Partial<Resolution> = {}): Resolution => ({
  found: [line('Volume', ['data'])],
  environment: 'staging',
  subject: 'data',
  unknown: false,
  ...more,
});

const ask = (resources: string[], verbs: string[]): Ask => ({
  resources,
  verbs,
  ttlSeconds: 600,
  maxUses: null,
  operation: null,
});

describe('The scope of an exact operation', () => {
  const two = classified([act(), act({ resource: 'backup/b1', verb: 'remove' })]);

  test('is named by the request as it is, in any order', () => {
    refuseOtherScope(ask(['volume/v1', 'backup/b1'], ['remove', 'delete']), two);
  });

  test.each([
    ['less', ['volume/v1'], ['delete', 'remove']],
    ['more', ['volume/v1', 'backup/b1', 'service/*'], ['delete', 'remove']],
    ['wider', ['volume/*', 'backup/b1'], ['delete', 'remove']],
    ['another verb', ['volume/v1', 'backup/b1'], ['update']],
  ])('is refused where the request names %s, with what to send', (_how, resources, verbs) => {
    expect(() => refuseOtherScope(ask(resources, verbs), two)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        errors: expect.arrayContaining([
          expect.objectContaining({
            detail: expect.stringMatching(/^Send \["(backup\/b1","volume\/v1|delete","remove)"\]\.$/),
          }),
        ]),
      }),
    );
  });
});

describe('The preview of an exact operation', () => {
  test('says what it does, why that is what it is, and what the ids stand for', () => {
    expect(previewOfExact(classified(), resolution())).toMatchObject({
      effects: [
        'Runs mutation volumeDelete, once.',
        'mutation volumeDelete is destructive (delete volume/v1): it deletes the volume.',
      ],
      touched: [{ resource: 'volume/v1', how: 'delete (destructive)' }],
      warnings: ['This is destructive: what it removes does not come back.'],
      found: [{ label: 'Volume', values: ['data'] }],
      environment: 'staging',
      subject: 'data',
      maxRows: null,
    });
  });

  test.each([
    ['sensitive', /secrets/],
    ['destructive', /does not come back/],
    ['escalating', /new credentials or members/],
  ] as const)('of a %s one says so', (klass, words) => {
    expect(previewOfExact(classified([act({ class: klass })]), resolution()).warnings[0]).toMatch(words);
  });

  test('without a way to look says UNKNOWN for every id it changes, and offers no name to type', () => {
    const preview = previewOfExact(classified([act(), act({ resource: 'volume/v2' })], { resolver: null }), null);
    expect(preview.found).toMatchObject([{ values: null }, { values: null }]);
    expect(preview.warnings).toContainEqual(expect.stringMatching(/^Nobody could look up/));
    expect(preview).toMatchObject({ environment: null, subject: null });
  });

  test('never lets the facts of one thing stand for another beside it', () => {
    const preview = previewOfExact(classified([act(), act({ resource: 'volume/v2' })]), resolution());
    expect(preview.found?.map(({ label, values }) => [label, values])).toEqual([
      ['Volume', ['data']],
      ['volume/v2 (mutation volumeDelete)', null],
    ]);
    expect(preview.subject).toBeNull();
  });

  test.each([
    ['staging', null],
    ['production', 'production'],
  ])('does not say %s of a whole of which it looked up one part', (environment, said) => {
    const preview = previewOfExact(classified([act()], { others: 1 }), resolution({ environment }));
    expect(preview.found?.at(-1)).toMatchObject({ label: '1 more of the operation’s fields', values: null });
    expect(preview).toMatchObject({ environment: said, subject: null });
  });

  test('lets nothing stand for a thing whose id is not among the arguments that were looked up', () => {
    const preview = previewOfExact(classified([act({ resource: 'volume/v2' })]), resolution());
    expect(preview.found?.at(-1)).toMatchObject({ values: null });
  });

  test('asks for no facts about reads that are safe, nor about what comes with a looked-up thing', () => {
    const nested = act({
      operation: 'Environment.variables',
      class: 'sensitive',
      resource: 'variables/*',
      verb: 'read',
    });
    const read = act({ operation: 'query me', class: 'safe', resource: 'account/*', verb: 'read' });
    expect(previewOfExact(classified([act(), nested, read]), resolution()).found).toHaveLength(1);
    expect(previewOfExact(classified([read], { resolver: null }), null)).toMatchObject({ found: [], warnings: [] });
  });

  test('says when something was not found', () => {
    const lost = resolution({ found: [line('Volume', null)], unknown: true });
    expect(previewOfExact(classified(), lost).warnings).toContainEqual(
      expect.stringMatching(/UNKNOWN may be anything/),
    );
  });

  test.each<[string, Resolution | null, RegExp]>([
    ['a line', resolution({ found: [line('Volume', null)], unknown: true }), /look up Volume/],
    ['the environment', resolution({ environment: null, unknown: true }), /its environment/],
    ['all of it', null, /volume\/v1/],
  ])('is blocked where the owner wants that and %s is UNKNOWN', (_what, seen, words) => {
    const preview = previewOfExact(classified(), seen);
    expect(blockUnknown(preview, seen)).toEqual({ ...preview, blocked: expect.stringMatching(words) });
  });

  test('is not blocked where everything is known', () => {
    const preview = previewOfExact(classified(), resolution());
    expect(blockUnknown(preview, resolution())).toEqual(preview);
  });
});

describe('Drift (T4)', () => {
  const before: Preview = {
    ...previewOfExact(
      classified(),
      resolution({ found: [line('Backups', ['a', 'b']), line('Size', ['50 GB'], false), line('Note', null)] }),
    ),
  };
  const drifts = (change: Partial<Preview>): string | null => driftOf(before, { ...before, ...change });

  test.each<[string, Partial<Preview>, RegExp]>([
    [
      'a backup more',
      { found: [line('Backups', ['a', 'b', 'c']), line('Note', null)] },
      /Backups: was a, b, is a, b, c\./,
    ],
    ['a backup that is gone', { found: [line('Backups', ['a']), line('Note', null)] }, /Backups: was a, b, is a\./],
    ['a list that became unknown', { found: [line('Backups', null), line('Note', null)] }, /is UNKNOWN/],
    [
      'a line that was unknown and is not',
      { found: [line('Backups', ['a', 'b']), line('Note', ['x'])] },
      /Note: was UNKNOWN, is x/,
    ],
    ['a line that is gone', { found: [line('Backups', ['a', 'b'])] }, /Note: was UNKNOWN, is not there/],
    ['a line more', { found: [...(before.found ?? []), line('New', ['x'])] }, /New: was not there, is x/],
    ['one value that reads like two', { found: [line('Backups', ['a, b']), line('Note', null)] }, /Backups/],
    ['another environment', { environment: 'production' }, /Environment: was staging, is production/],
    ['an environment that is unknown', { environment: null }, /is UNKNOWN/],
    ['an environment called UNKNOWN', { environment: 'UNKNOWN' }, /Environment/],
    ['another name', { subject: 'data2' }, /Name: was data, is data2/],
    [
      'a worse class',
      { touched: [{ resource: 'volume/v1', how: 'delete (escalating)', countedRows: null, estimatedRows: null }] },
      /What it does/,
    ],
    ['another act', { touched: [] }, /What it does/],
  ])('is %s', (_what, change, words) => {
    const sentence = drifts(change);
    expect(sentence).toMatch(/^Not run: the world changed since the approval\./);
    expect(sentence).toMatch(words);
    expect(sentence).toMatch(/File the request again to have it looked at anew\.$/);
  });

  test.each<[string, Partial<Preview>]>([
    ['nothing at all', {}],
    ['another size', { found: [line('Backups', ['a', 'b']), line('Size', ['60 GB'], false), line('Note', null)] }],
    ['other words about the same', { effects: [], warnings: [] }],
  ])('is not %s', (_what, change) => {
    expect(drifts(change)).toBeNull();
  });

  test('tells what the provider says without anything hidden in it, and shortly', () => {
    const sentence = drifts({ subject: `a\u202Eb\n${'x'.repeat(9_000)}` });
    expect(sentence).toContain('a\\u{202E}b\\u{A}xxx');
    expect(sentence?.length).toBeLessThan(600);
  });
});

describe('The preview of a grant', () => {
  const profile: GraphqlProfile = {
    ...graphqlProfile('generic-graphql'),
    name: 'cloud',
    title: 'Cloud',
    mutation: {
      volumeUpdate: ['write', 'volume', 'update', 'volumeId'],
      volumeDelete: ['destructive', 'volume', 'delete', 'volumeId'],
      tokenCreate: ['escalating', 'token', 'create'],
      serviceRedeploy: ['write', 'service', 'redeploy', 'id'],
    },
  };
  const config = { environment: 'staging' } as GraphqlConfig;
  const preview = (resources: string[], verbs: string[], maxUses: number | null = null) =>
    previewOfGrant(config, profile, { ...ask(resources, verbs), maxUses });

  test('says in words what may be done, how often and how long', () => {
    expect(preview(['volume/v1'], ['update'], 3)).toMatchObject({
      effects: ['May update volume/v1.', 'At most 3 calls, through the gateway, for 10 minutes.'],
      touched: [{ resource: 'volume/v1', how: 'update (write)' }],
      maxRows: null,
    });
    expect(preview(['volume/v1'], ['update']).effects).toContain(
      'Any number of calls, through the gateway, for 10 minutes.',
    );
    expect(preview(['volume/v1'], ['update'], 1).effects).toContain('One call, through the gateway, for 10 minutes.');
  });

  test('says how far a pattern reaches', () => {
    const { effects, warnings } = preview(['service/*'], ['redeploy']);
    expect(effects[0]).toBe('May redeploy service/*: every one of them that this account at Cloud reaches.');
    expect(warnings[0]).toMatch(/^service\/\* is everything of that kind, in every environment, not in staging alone/);
  });

  test('says that nobody looked at the ids, and that the grant stays on them', () => {
    expect(preview(['volume/v1'], ['update']).warnings[0]).toMatch(/volume\/v1 .* stays on that one id\.$/);
  });

  test('names no pair that nothing stands for, and none that escalates (T31)', () => {
    const { effects, touched } = preview(['volume/v1', 'service/s1', 'token/*'], ['delete', 'redeploy', 'create']);
    expect(effects.slice(0, -1)).toEqual(['May delete volume/v1.', 'May redeploy service/s1.']);
    expect(touched).toHaveLength(2);
  });

  test('warns of what does not come back', () => {
    expect(preview(['volume/v1'], ['delete']).warnings).toContainEqual(expect.stringMatching(/destructive/));
  });
});
