import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonicalText, DomainError, type Json, refuse } from '#lib/core';
import type { Preview } from '#lib/statement';
import type { Ask, GraphqlConfig } from '#lib/targets';
import type { Cloud } from '#testing/provider';
import { deletion, exactly, openStage, PROFILE, type Stage } from '#testing/upstream';
import type { Approved } from '../provider';
import { execute } from './execute';
import { inspect } from './inspect';
import { finding } from './preview';

const preview = async (...parts: Parameters<typeof finding>): Promise<Preview> => (await finding(...parts)).preview;

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const look = (ask: Ask, more: Partial<GraphqlConfig> = {}) => preview(stage.context(more), ask);
const valuesIn = ({ found = [] }: Preview) => Object.fromEntries(found.map(({ label, values }) => [label, values]));
const limitsOf = (ask: Ask, seen: Preview): Approved => ({
  ask,
  preview: seen,
  beforeSend: async () => undefined,
});
const failure = (work: Promise<unknown>): Promise<DomainError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (error instanceof DomainError ? error : Promise.reject(error)),
  );

describe('A preview of an exact operation', () => {
  test('shows what the id stands for: production, and three backups that would go along (T33)', async () => {
    const seen = await look(deletion());
    expect(valuesIn(seen)).toEqual({
      Volume: ['postgres-data'],
      Size: ['50,000 MB'],
      'Backups that go with it': ['before migration', 'nightly 20', 'nightly 21'],
    });
    expect(seen).toMatchObject({
      environment: 'production',
      subject: 'postgres-data',
      effects: ['Runs mutation volumeDelete, once.', expect.stringMatching(/^mutation volumeDelete is destructive/)],
      touched: [{ resource: 'volume/vol_prod', how: 'delete (destructive)' }],
      warnings: [expect.stringMatching(/destructive/)],
      maxRows: null,
    });
  });

  test('says what the agent cannot: its own words about the environment are nowhere in it', async () => {
    const ask = exactly(
      'mutation staging_cleanup($id: String!) {\n  staging: volumeDelete(volumeId: $id)\n}',
      { id: 'vol_prod' },
      ['volume/vol_prod'],
      ['delete'],
    );
    const seen = await look(ask);
    expect(seen.environment).toBe('production');
    expect(JSON.stringify(seen)).not.toContain('staging');
  });

  test('only reads, and never with anything but what its profile calls safe', async () => {
    await look(deletion());
    expect(stage.cloud.changes).toEqual([]);
    expect(stage.cloud.received).toHaveLength(2);
    const { resolvers } = PROFILE;
    const careless = { ...PROFILE, query: { ...PROFILE.query, projects: ['sensitive', 'project', 'read'] as const } };
    const seen = await preview(stage.context({}, { ...careless, resolvers }), deletion());
    expect(valuesIn(seen)['Volume']).toBeNull();
    expect(stage.cloud.received).toHaveLength(2);
  });

  test.each<[string, (stage: Stage) => void, string]>([
    ['the provider errs', ({ cloud }) => cloud.misbehave('projects', 'error'), 'vol_prod'],
    ['nothing has that id', () => undefined, 'vol_none'],
  ])(
    'is UNKNOWN in every line where %s, and is blocked, and no denial, where the owner wants that (P1)',
    async (_why, arrange, id) => {
      arrange(stage);
      const seen = await look(deletion(id));
      expect(Object.values(valuesIn(seen))).toEqual([null, null, null]);
      expect(seen).toMatchObject({ environment: null, subject: null });
      expect(seen.warnings).toContainEqual(expect.stringMatching(/UNKNOWN may be anything/));
      const strict = await look(deletion(id), { refuseUnknown: true });
      expect(strict).toEqual({ ...seen, blocked: expect.stringMatching(/look up Volume/) });
    },
  );

  test('keeps what it knows where one read fails', async () => {
    stage.cloud.misbehave('volumeInstanceBackupList', 'error');
    const seen = await look(deletion());
    expect(valuesIn(seen)).toMatchObject({ Volume: ['postgres-data'], 'Backups that go with it': null });
    expect(seen.environment).toBe('production');
  });

  test('waits where the provider is away: that nobody answers is no finding', async () => {
    stage.cloud.misbehave('projects', 'cut');
    expect((await failure(look(deletion()))).code).toBe('target_unreachable');
  });

  test('says UNKNOWN for what no resolver looks up', async () => {
    const ask = exactly(
      'mutation {\n  volumeUpdate(volumeId: "vol_prod", input: {name: "x"}) {\n    id\n  }\n}',
      {},
      ['volume/vol_prod'],
      ['update'],
    );
    const seen = await look(ask);
    expect(valuesIn(seen)).toEqual({ 'volume/vol_prod (mutation volumeUpdate)': null });
    expect(seen.warnings).toContainEqual(expect.stringMatching(/^Nobody could look up/));
  });

  test('does not let a volume in staging stand for one in production beside it', async () => {
    const ask = exactly(
      'mutation {\n  a: volumeDelete(volumeId: "vol_stag")\n  b: volumeDelete(volumeId: "vol_prod")\n}',
      {},
      ['volume/vol_prod', 'volume/vol_stag'],
      ['delete'],
    );
    const seen = await look(ask);
    expect(valuesIn(seen)).toMatchObject({ 'volume/vol_prod (mutation volumeDelete)': null });
    expect(seen).toMatchObject({ environment: null, subject: null });
  });

  test('nor the same field twice on one id, with other arguments', async () => {
    const profile = {
      ...PROFILE,
      resolvers: { 'mutation volumeUpdate': { steps: [], facts: [], environment: null, subject: null } },
    };
    const query =
      'mutation {\n  a: volumeUpdate(volumeId: "v", input: {name: "x"}) {\n    id\n  }\n  ...more\n}\n\nfragment more on Mutation {\n  b: volumeUpdate(volumeId: "v", input: {name: "y"}) {\n    id\n  }\n}';
    const seen = await preview(stage.context({}, profile), exactly(query, {}, ['volume/v'], ['update']));
    expect(valuesIn(seen)).toEqual({ '1 more of the operation’s fields': null });
  });

  test.each<[string, Ask, RegExp]>([
    [
      'the request names less than it does',
      exactly('mutation {\n  volumeDelete(volumeId: "vol_prod")\n}', {}, ['volume/vol_stag'], ['delete']),
      /Send \["volume\/vol_prod"\]/,
    ],
    [
      'it names a verb that sounds better',
      exactly('mutation {\n  volumeDelete(volumeId: "vol_prod")\n}', {}, ['volume/vol_prod'], ['update']),
      /Send \["delete"\]/,
    ],
    [
      'something comes along that would not be sent',
      exactly(
        'mutation {\n  volumeDelete(volumeId: "vol_prod")\n}\n\nfragment looksHarmless on Query {\n  me {\n    id\n  }\n}',
        {},
        ['volume/vol_prod'],
        ['delete'],
      ),
      /Send \{"query":"mutation \{\\n {2}volumeDelete/,
    ],
  ])('is refused with what to send where %s', async (_why, ask, words) => {
    const { code, errors } = await failure(look(ask));
    expect(code).toBe('invalid_request');
    expect(errors.map(({ detail }) => detail).join(' ')).toMatch(words);
  });

  test('is refused where the provider has no such thing, and nothing is asked there', async () => {
    const ask = exactly('mutation {\n  volumeDestroy(id: "v")\n}', {}, ['volume/v'], ['delete']);
    expect((await failure(look(ask))).code).toBe('invalid_request');
    expect(stage.cloud.received).toEqual([]);
  });

  test('can be stored and signed, whatever the provider calls its things', async () => {
    stage.cloud.world.volumes.set('vol_prod', { name: '\u202E<b>x</b>\n\u0000 \uD800' });
    const seen = await look(deletion());
    expect(seen.subject).toBeNull();
    canonicalText(seen as unknown as Json);
  });
});

describe('The run of an exact operation', () => {
  const run = async (
    meanwhile: (world: Cloud, stage: Stage) => void = () => undefined,
    ask: Ask = deletion(),
  ): Promise<Awaited<ReturnType<typeof execute>>> => {
    const seen = await look(ask);
    meanwhile(stage.cloud.world, stage);
    return execute(stage.context(), limitsOf(ask, seen));
  };

  test('sends it once, and hands back what the provider answered', async () => {
    const result = await run();
    expect(result).toEqual({
      status: 200,
      contentType: 'application/json',
      body: '{"data":{"volumeDelete":true}}',
      truncated: false,
    });
    expect(stage.cloud.changes).toEqual(['volumeDelete vol_prod']);
    expect(stage.cloud.world.backups.size).toBe(0);
  });

  test('is asked for a last time when all was looked at, and a no sends nothing (T64)', async () => {
    const limits = limitsOf(deletion(), await look(deletion()));
    const refused = async () => refuse('gone', 'ended');
    const { code } = await failure(execute(stage.context(), { ...limits, beforeSend: refused }));
    expect([code, stage.cloud.changes]).toEqual(['gone', []]);
  });

  test('sends exactly what was approved', async () => {
    await run();
    const { operation } = deletion();
    expect(stage.cloud.received.at(-1)).toBe(`POST /graphql ${JSON.stringify(operation)}`);
  });

  test.each<[string, (world: Cloud, stage: Stage) => void, RegExp]>([
    [
      'a backup was added',
      ({ backups }) => backups.set('bak_4', { instanceId: 'ins_prod', name: 'last hope', createdAt: '' }),
      /Backups that go with it: was before migration, nightly 20, nightly 21, is before migration, last hope/,
    ],
    ['a backup went', ({ backups }) => backups.delete('bak_1'), /Backups that go with it/],
    [
      'the environment was renamed',
      ({ environments }) => environments.set('env_prod', 'live'),
      /Environment: was production, is live/,
    ],
    [
      'it was moved to another environment',
      ({ instances }) => {
        const instance = instances.get('ins_prod');
        if (instance !== undefined) instance.environmentId = 'env_stag';
      },
      /Environment: was production, is staging/,
    ],
    [
      'the volume was renamed',
      ({ volumes }) => volumes.set('vol_prod', { name: 'other' }),
      /was postgres-data, is other/,
    ],
    ['the volume is gone', ({ volumes }) => volumes.delete('vol_prod'), /is UNKNOWN/],
    ['it cannot be looked up any more', (_world, { cloud }) => cloud.misbehave('BackupList', 'error'), /is UNKNOWN/],
  ])('is not made where %s since the approval (T4)', async (_what, meanwhile, words) => {
    const { code, message } = await failure(run(meanwhile));
    expect(code).toBe('conflict');
    expect(message).toMatch(/^Not run: the world changed since the approval\./);
    expect(message).toMatch(words);
    expect(stage.cloud.changes).toEqual([]);
  });

  test('is made where only a size changed: that was not approved', async () => {
    await run(({ instances }) => {
      const instance = instances.get('ins_prod');
      if (instance !== undefined) instance.sizeMB = 60_000;
    });
    expect(stage.cloud.changes).toEqual(['volumeDelete vol_prod']);
  });

  test('is not made where the operation is classified worse now than when it was approved (T3)', async () => {
    const seen = await look(deletion());
    const { mutation } = PROFILE;
    const worse = {
      ...PROFILE,
      mutation: { ...mutation, volumeDelete: ['escalating', 'volume', 'delete', 'volumeId'] as const },
    };
    const { code, message } = await failure(execute(stage.context({}, worse), limitsOf(deletion(), seen)));
    expect([code, message]).toEqual([
      'conflict',
      expect.stringMatching(/delete \(destructive\) .* delete \(escalating\)/),
    ]);
    expect(stage.cloud.changes).toEqual([]);
  });

  test('is not made where it means other things now, or nothing at all', async () => {
    const seen = await look(deletion());
    const { mutation } = PROFILE;
    const other = {
      ...PROFILE,
      mutation: { ...mutation, volumeDelete: ['destructive', 'disk', 'delete', 'volumeId'] as const },
    };
    expect((await failure(execute(stage.context({}, other), limitsOf(deletion(), seen)))).code).toBe('conflict');
    const context = { ...stage.context(), schema: null };
    expect((await failure(execute(context, limitsOf(deletion(), seen)))).code).toBe('minting_stopped');
    expect(stage.cloud.changes).toEqual([]);
  });

  test('is made also of what escalates: exactly, and only so (T31)', async () => {
    const ask = exactly('mutation {\n  apiTokenCreate(input: {name: "ci"})\n}', {}, ['api-token/*'], ['create']);
    const seen = await look(ask);
    expect(seen.warnings[0]).toMatch(/escalating/);
    const { body } = await execute(stage.context(), limitsOf(ask, seen));
    expect(body).toMatch(/minted_/);
    expect(stage.cloud.changes).toEqual(['apiTokenCreate']);
  });

  test('brings home what the provider says no to: it was asked', async () => {
    const ask = exactly(
      'mutation {\n  volumeUpdate(volumeId: "vol_none", input: {name: "x"}) {\n    id\n  }\n}',
      {},
      ['volume/vol_none'],
      ['update'],
    );
    const { status, body } = await run(undefined, ask);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ message: 'Not Found' }] });
  });

  test('is never tried twice: a connection that breaks midway leaves it open, and that is said', async () => {
    const { code, message } = await failure(run((_world, { cloud }) => cloud.misbehave('volumeDelete', 'cut after')));
    expect([code, message]).toEqual(['target_unreachable', expect.stringMatching(/not known whether it ran/)]);
    expect(stage.cloud.changes).toEqual(['volumeDelete vol_prod']);
  });

  test('says that nothing was sent where nobody could look again', async () => {
    const { code, message } = await failure(run((_world, { cloud }) => cloud.misbehave('projects', 'cut')));
    expect([code, message]).toEqual(['target_unreachable', expect.stringMatching(/^Not run, and nothing was sent/)]);
    expect(stage.cloud.changes).toEqual([]);
  });

  test('says that nothing was sent where no connection came about', async () => {
    const ask = exactly('mutation {\n  apiTokenCreate(input: {name: "ci"})\n}', {}, ['api-token/*'], ['create']);
    const seen = await look(ask);
    const context = stage.context({ url: 'http://127.0.0.1:9/graphql' });
    const { code, message } = await failure(execute(context, limitsOf(ask, seen)));
    expect([code, message]).toEqual(['target_unreachable', expect.stringMatching(/Nothing was sent\.$/)]);
  });
});

describe('The provider’s secret', () => {
  test('is in no preview, no result and no error, whatever the provider echoes (T34)', async () => {
    const { cloud } = stage;
    cloud.world.volumes.set('vol_prod', { name: `data ${cloud.secret}` });
    cloud.world.projectName = cloud.secret;
    const seen = await look(deletion());
    const result = await execute(stage.context(), limitsOf(deletion(), seen));
    cloud.misbehave('projects', 'error');
    const lost = await look(deletion());
    cloud.misbehave('me', 'error');
    const tested = await inspect(stage.context());
    const said = JSON.stringify([seen, result, lost, tested]);
    expect(said).not.toContain(cloud.secret);
    expect(said).toContain('[redacted]');
    expect(stage.leaks.length).toBeGreaterThan(0);
  });
});

describe('The test of a target', () => {
  const tested = (...args: Parameters<Stage['context']>) => inspect({ ...stage.context(...args), schema: null });

  test('makes one safe call, takes the schema, and says what there is', async () => {
    const { version, dangers, schema, warnings, schemaChanged } = await tested();
    expect(version).toBe('Cloud, 9 queries and 4 mutations');
    expect(dangers).toEqual([]);
    expect(schema).toMatchObject({
      hash: expect.stringMatching(/^[\w-]{43}$/),
      sdl: expect.stringContaining('volumeDelete'),
    });
    expect(schemaChanged).toBeUndefined();
    expect(warnings).toEqual([
      'The profile does not name 2 operations of the provider: unknown is a write.',
      'The profile names 1 operation that the provider does not have.',
    ]);
    expect(stage.cloud.changes).toEqual([]);
  });

  test('shows what it was answered once the provider has described itself; what else a private address says is nobody’s yet (T56)', async () => {
    const context = { ...stage.context(), schema: null };
    const published = { ...context, config: { ...context.config, privateNetwork: false } };
    expect(JSON.parse((await inspect(context)).answered ?? '').data).toEqual({ me: { id: 'usr_1' } });
    stage.cloud.misbehave('__schema', 'error');
    expect(JSON.stringify(await inspect(context))).not.toContain('usr_1');
    stage.cloud.misbehave('me', 'error');
    expect(JSON.stringify(await inspect(published))).toContain('It failed');
    expect(JSON.stringify(await inspect(context))).not.toContain('It failed');
  });

  test('refuses a secret that the provider refuses', async () => {
    const { dangers, schema } = await tested({}, PROFILE, 'another-secret-of-somebody');
    expect(dangers).toMatchObject([{ text: 'The provider refused this secret (HTTP 401).' }]);
    expect(schema).toBeUndefined();
  });

  test('refuses a provider that answers with an error, or tells no schema', async () => {
    stage.cloud.misbehave('__schema', 'error');
    expect((await tested()).dangers).toMatchObject([{ text: expect.stringMatching(/introspection/) }]);
    stage.cloud.misbehave('me', 'error');
    expect((await tested()).dangers).toMatchObject([
      { text: expect.stringMatching(/answered the test with an error/) },
    ]);
  });

  test('tells an owner what a generic profile lets pass, and what is opened that is not there', async () => {
    const generic = { ...PROFILE, query: {}, mutation: {}, resolvers: {} };
    const { warnings } = await tested({ opens: ['query me', 'query nothing'] }, generic);
    expect(warnings).toEqual([
      expect.stringMatching(/nothing passes at rest but what you open/),
      'The provider does not have what is opened here: query nothing.',
    ]);
  });

  test('says when the provider has another schema than was signed', async () => {
    const { schema } = await tested();
    const same = await inspect(stage.context({ schemaHash: schema?.hash ?? '' }));
    expect([same.schemaChanged, same.warnings.length]).toEqual([false, 2]);
    const other = await inspect(stage.context({ schemaHash: 'B'.repeat(43) }));
    expect([other.schemaChanged, other.warnings.at(-1)]).toEqual([true, expect.stringMatching(/another schema now/)]);
  });
});
