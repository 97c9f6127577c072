import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUpstreams, type Upstreams } from '#gateway/upstream';
import { DomainError, refuse } from '#lib/core';
import { type HttpProfile, httpProfile } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import type { Ask, HttpConfig, HttpOperation } from '#lib/targets';
import { httpConfig, httpUpstream } from '#testing/provider';
import type { Approved } from '../provider';
import type { ProviderContext } from './context';
import { execute } from './execute';
import { inspect } from './inspect';
import { finding } from './preview';

const preview = async (...parts: Parameters<typeof finding>): Promise<Preview> => (await finding(...parts)).preview;

const PROFILE: HttpProfile = {
  ...httpProfile('generic-http'),
  name: 'forge',
  title: 'Forge',
  test: '/user',
  rules: [
    ['GET', '/user', ['safe', 'account', 'read']],
    ['GET', '/repos/{owner}/{repo}', ['safe', 'repo', 'read', '{owner}/{repo}']],
    ['GET', '/repos/{owner}/{repo}/branches', ['safe', 'repo', 'read', '{owner}/{repo}']],
    ['DELETE', '/repos/{owner}/{repo}', ['destructive', 'repo', 'delete', '{owner}/{repo}']],
    ['PUT', '/repos/{owner}/{repo}/topics', ['write', 'repo', 'update', '{owner}/{repo}']],
  ],
  resolvers: {
    'DELETE /repos/{owner}/{repo}': {
      steps: [
        { as: 'repo', read: '/repos/{owner}/{repo}', variables: { owner: 'args.owner', repo: 'args.repo' }, take: '' },
        {
          as: 'branches',
          read: '/repos/{owner}/{repo}/branches',
          variables: { owner: 'args.owner', repo: 'args.repo' },
          take: '[]',
        },
      ],
      facts: [
        { label: 'Repository', path: 'repo.name', show: 'value', weight: 'plain', bound: true },
        { label: 'Stars', path: 'repo.stars', show: 'value', weight: 'plain', bound: false },
        { label: 'Branches', path: 'branches[].name', show: 'list', weight: 'danger', bound: true, empty: 'none' },
      ],
      environment: null,
      subject: 'repo.name',
    },
  },
};

const REPO = '/repos/acme/site';
const REPO_PATH = '/repos/{owner}/{repo}';
const things = [
  [REPO, { name: 'acme/site', stars: 17 }],
  [`${REPO}/branches`, [{ name: 'main' }, { name: 'old' }]],
] as const;

let forge: Awaited<ReturnType<typeof httpUpstream>>;
let upstreams: Upstreams;
beforeEach(async () => {
  forge = await httpUpstream(things);
  upstreams = createUpstreams({ gatewayOrigin: 'http://localhost:3200', onLeak: () => undefined });
});
afterEach(async () => {
  await upstreams.close();
  await forge.close();
});

function context(
  more: Partial<HttpConfig> = {},
  profile: HttpProfile = PROFILE,
  secret = forge.secret,
): ProviderContext {
  const config = httpConfig(forge.url, more);
  return { config, profile, upstream: upstreams.open(config, secret) };
}

const ask = (operation: HttpOperation, resources: string[], verbs: string[]): Ask => ({
  ...{ operation, resources, verbs },
  ttlSeconds: 300,
  maxUses: null,
});
const deletion = ask({ method: 'DELETE', path: REPO }, ['repo/acme/site'], ['delete']);

async function run(one: Ask, meanwhile: () => void = () => undefined) {
  const seen = await preview(context(), one);
  meanwhile();
  const limits: Approved = {
    ask: one,
    preview: seen,
    beforeSend: async () => undefined,
  };
  return execute(context(), limits);
}

const failure = (work: Promise<unknown>): Promise<DomainError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (error instanceof DomainError ? error : Promise.reject(error)),
  );

describe('An exact HTTP call', () => {
  test('is previewed with what its path stands for', async () => {
    const seen = await preview(context(), deletion);
    expect(seen).toMatchObject({
      effects: [
        'Runs DELETE /repos/acme/site, once.',
        expect.stringMatching(/is destructive \(delete repo\/acme\/site\)/),
      ],
      found: [{ values: ['acme/site'] }, { values: ['17'] }, { values: ['main', 'old'] }],
      subject: 'acme/site',
    });
    expect(forge.received).toEqual([`GET ${REPO}`, `GET ${REPO}/branches`]);
  });

  test('is made once, and its answer brought home', async () => {
    expect(await run(deletion)).toEqual({ status: 204, contentType: 'application/json', body: '', truncated: false });
    expect(forge.changes).toEqual([`DELETE ${REPO}`]);
  });

  test('is asked for a last time when all was looked at, and a no sends nothing (T64)', async () => {
    const seen = await preview(context(), deletion);
    const limits = { verbs: deletion.verbs, maxRows: 0, touched: seen.touched, ask: deletion, preview: seen };
    const refused = async () => refuse('gone', 'ended');
    await expect(execute(context(), { ...limits, beforeSend: refused })).rejects.toMatchObject({ code: 'gone' });
    expect(forge.changes).toEqual([]);
  });

  test('is sent with the body that was approved', async () => {
    const body = '{"names":["a"]}';
    const operation: HttpOperation = { method: 'PUT', path: `${REPO}/topics`, contentType: 'application/json', body };
    const { status } = await run(ask(operation, ['repo/acme/site'], ['update']));
    expect(status).toBe(200);
    expect(forge.received.at(-1)).toBe(`PUT ${REPO}/topics ${body}`);
  });

  test.each<[string, () => void]>([
    ['a branch came', () => forge.world.set(`${REPO}/branches`, [{ name: 'main' }, { name: 'new' }, { name: 'old' }])],
    ['it was renamed', () => forge.world.set(REPO, { name: 'acme/other', stars: 17 })],
    ['it is gone', () => forge.world.delete(REPO)],
  ])('is not made where %s since the approval (T4)', async (_what, meanwhile) => {
    const { code, message } = await failure(run(deletion, meanwhile));
    expect([code, message]).toEqual(['conflict', expect.stringMatching(/^Not run: the world changed/)]);
    expect(forge.changes).toEqual([]);
  });

  test('is made where only a star was added', async () => {
    await run(deletion, () => forge.world.set(REPO, { name: 'acme/site', stars: 18 }));
    expect(forge.changes).toEqual([`DELETE ${REPO}`]);
  });

  test('brings home what the provider says no to', async () => {
    const one = ask({ method: 'DELETE', path: '/nothing/here' }, ['path/nothing/here'], ['delete']);
    expect(await run(one)).toMatchObject({ status: 404 });
  });

  test('has an answer that can be recorded, whatever bytes are in it', async () => {
    const one = ask({ method: 'DELETE', path: '/a' }, ['path/a'], ['delete']);
    const seen = await preview(context(), one);
    const upstream: ProviderContext['upstream'] = {
      ...context().upstream,
      call: async () => ({ status: 200, contentType: '', body: 'a\0b', truncated: true }),
    };
    const limits: Approved = {
      ask: one,
      preview: seen,
      beforeSend: async () => undefined,
    };
    expect(await execute({ ...context(), upstream }, limits)).toMatchObject({ body: 'a\uFFFDb', truncated: true });
  });

  test('of which nobody knows what it does is UNKNOWN', async () => {
    const seen = await preview(context(), ask({ method: 'POST', path: '/v1/x' }, ['path/v1/x'], ['post']));
    expect(seen.found).toMatchObject([{ label: 'path/v1/x (POST /v1/x)', values: null }]);
  });

  test('that breaks midway is never tried twice, and nobody is told that it ran or did not', async () => {
    const broken = () => forge.misbehave('DELETE', 'cut after');
    expect((await failure(run(deletion, broken))).message).toMatch(/not known whether it ran/);
    expect(forge.changes).toEqual([`DELETE ${REPO}`]);
  });

  test.each<[string, HttpOperation, string[], string[], RegExp]>([
    [
      'with tricks in it',
      { method: 'DELETE', path: '/repos/acme/./site' },
      ['repo/acme/site'],
      ['delete'],
      /more than one way/,
    ],
    [
      'in another spelling',
      { method: 'DELETE', path: '/repos/%61cme/site' },
      ['repo/acme/site'],
      ['delete'],
      /Send \/repos\/acme\/site/,
    ],
    [
      'for another resource',
      { method: 'DELETE', path: REPO },
      ['repo/acme/*'],
      ['delete'],
      /Send \["repo\/acme\/site"\]/,
    ],
    ['under another verb', { method: 'DELETE', path: REPO }, ['repo/acme/site'], ['update'], /Send \["delete"\]/],
  ])('is refused %s, and nothing is asked', async (_how, operation, resources, verbs, words) => {
    const { code, message, errors } = await failure(preview(context(), ask(operation, resources, verbs)));
    expect([code, `${message} ${errors.map(({ detail }) => detail)}`]).toEqual([
      'invalid_request',
      expect.stringMatching(words),
    ]);
    expect(forge.received).toEqual([]);
  });
});

describe('A look-up', () => {
  test('is never made with a call that its profile does not say is safe', async () => {
    const rules = PROFILE.rules.map(([method, path, rule]) =>
      path === REPO_PATH && method === 'GET'
        ? ([method, path, ['sensitive', 'repo', 'read']] as const)
        : ([method, path, rule] as const),
    );
    const seen = await preview(context({}, { ...PROFILE, rules }), deletion);
    expect(seen.found?.map(({ values }) => values)).toEqual([null, null, ['main', 'old']]);
    expect(forge.received).toEqual([`GET ${REPO}/branches`]);
  });

  test.each(['..', '.', '', 'a/b', 'a%2Fb', '..%2f..', 'a?x=1', 'a#b'])('with %j leads nowhere else', async (name) => {
    const resolver = PROFILE.resolvers['DELETE /repos/{owner}/{repo}'];
    const steps = [
      { as: 'repo', read: '/repos/{owner}/{repo}', variables: { owner: 'args.owner', repo: 'user.hostile' }, take: '' },
    ];
    const first = { as: 'user', read: '/user', variables: {}, take: '' };
    if (resolver === undefined) throw new Error('no resolver');
    forge.world.set('/user', { hostile: name });
    const profile = {
      ...PROFILE,
      resolvers: { 'DELETE /repos/{owner}/{repo}': { ...resolver, steps: [first, ...steps] } },
    };
    const seen = await preview(context({}, profile), deletion);
    expect(seen.found?.[0]?.values).toBeNull();
    for (const line of forge.received.slice(1)) expect(line).toBe(`GET /repos/acme/${encodeURIComponent(name)}`);
  });
});

describe('The test of a target', () => {
  /** Opened as a private one; what its owner said of the address is another matter. */
  const published = (): ProviderContext => ({ ...context(), config: { ...context().config, privateNetwork: false } });

  test('shows nothing of what a private address answered: nobody has signed for it yet (T56)', async () => {
    const found = await inspect(context());
    expect(found).toMatchObject({ version: `HTTP 200 from ${forge.url}user`, dangers: [] });
    expect(JSON.stringify(found)).not.toContain('ada');
  });

  test('makes one safe call and shows what came', async () => {
    expect(await inspect(published())).toMatchObject({
      version: `HTTP 200 from ${forge.url}user`,
      answered: '{"login":"ada"}',
      dangers: [],
      warnings: [],
    });
    expect(forge.received).toEqual(['GET /user']);
  });

  test('refuses a secret that the provider refuses, in every profile', async () => {
    for (const profile of [PROFILE, httpProfile('generic-http')]) {
      const { dangers } = await inspect(context({}, profile, 'another-secret-of-somebody'));
      expect(dangers).toMatchObject([{ text: 'The provider refused this secret (HTTP 401).' }]);
    }
  });

  test('tells an owner what a generic profile lets pass', async () => {
    const { warnings, dangers } = await inspect(context({}, httpProfile('generic-http')));
    expect(dangers).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/not shown here/),
      expect.stringMatching(/nothing passes at rest/),
      expect.stringMatching(/tries the secret/),
    ]);
  });
});
