import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUpstreams, type Upstreams } from '#gateway/upstream';
import { DomainError } from '#lib/core';
import { httpProfile } from '#lib/profiles';
import type { Preview } from '#lib/statement';
import type { Ask, HttpOperation } from '#lib/targets';
import { GITHUB_ANSWERS, httpConfig, httpUpstream } from '#testing/provider';
import type { ProviderContext } from './context';
import { execute } from './execute';
import { inspect } from './inspect';
import { finding } from './preview';

const preview = async (...parts: Parameters<typeof finding>): Promise<Preview> => (await finding(...parts)).preview;

/*
 * GitHub’s profile with a small GitHub behind it: what an approver sees of an
 * exact call, and what becomes of it when the world changes before it runs.
 */

const REPO = '/repos/acme/site';
const repo = GITHUB_ANSWERS['/repos/{owner}/{repo}'] as Record<string, unknown>;
const pull = {
  ...(GITHUB_ANSWERS['/repos/{owner}/{repo}/pulls/{number}'] as { readonly head: object }),
  user: { login: 'ada' },
};
const production = {
  name: 'production',
  protection_rules: [{ type: 'required_reviewers' }, { type: 'wait_timer' }],
  deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
};

let github: Awaited<ReturnType<typeof httpUpstream>>;
let upstreams: Upstreams;
beforeEach(async () => {
  github = await httpUpstream([
    [REPO, repo],
    [`${REPO}/pulls/17`, pull],
    [`${REPO}/environments/production`, production],
    [
      `${REPO}/branches/feature/x`,
      { name: 'feature/x', protected: false, commit: { sha: 'c0ffee', commit: { author: null } } },
    ],
  ]);
  upstreams = createUpstreams({ gatewayOrigin: 'http://localhost:3200', onLeak: () => undefined });
});
afterEach(async () => {
  await upstreams.close();
  await github.close();
});

function context(): ProviderContext {
  const config = httpConfig(github.url, { name: 'github', profile: 'github-rest' });
  return { config, profile: httpProfile('github-rest'), upstream: upstreams.open(config, github.secret) };
}

const ask = (operation: HttpOperation, resource: string, verb: string): Ask => ({
  ...{ operation, resources: [resource], verbs: [verb] },
  ttlSeconds: 300,
  maxUses: null,
});
const DELETION = ask({ method: 'DELETE', path: REPO }, 'repo/acme/site', 'delete');
const MERGE = ask(
  {
    method: 'PUT',
    path: `${REPO}/pulls/17/merge`,
    contentType: 'application/json',
    body: '{"merge_method":"squash"}',
  },
  'pull/acme/site/17',
  'merge',
);
const UNPLACING = ask(
  { method: 'DELETE', path: `${REPO}/environments/production` },
  'environment/acme/site/production',
  'configure',
);

async function run(one: Ask, meanwhile: () => void = () => undefined) {
  const seen = await preview(context(), one);
  meanwhile();
  return execute(context(), {
    ask: one,
    preview: seen,
    beforeSend: async () => undefined,
  });
}

const failure = (work: Promise<unknown>): Promise<DomainError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (error instanceof DomainError ? error : Promise.reject(error)),
  );

/** What the page shows, by what it is called. */
async function shown(one: Ask): Promise<Readonly<Record<string, readonly string[] | null>>> {
  const { found = [] } = await preview(context(), one);
  return Object.fromEntries(found.map(({ label, values }) => [label, values]));
}

describe('Deleting a repository', () => {
  test('is seen as what would be lost, under its own name, and done once', async () => {
    const seen = await preview(context(), DELETION);
    expect(seen.effects).toEqual([
      'Runs DELETE /repos/acme/site, once.',
      expect.stringMatching(/is destructive \(delete repo\/acme\/site\)/),
    ]);
    expect(seen.subject).toBe('acme/site');
    expect(await shown(DELETION)).toMatchObject({
      Repository: ['acme/site'],
      'Who sees it': ['private'],
      Size: ['4,096 kB'],
      'Open issues and pull requests': ['3'],
    });
    expect(await run(DELETION)).toMatchObject({ status: 204 });
    expect(github.changes).toEqual([`DELETE ${REPO}`]);
  });

  test.each<[string, unknown]>([
    ['it is another one that has the name now', { ...repo, full_name: 'acme/site-2' }],
    ['it has been published', { ...repo, visibility: 'public' }],
    ['it has been archived', { ...repo, archived: true }],
  ])('is not done where %s since the approval (T4)', async (_what, now) => {
    const { code, message } = await failure(run(DELETION, () => github.world.set(REPO, now)));
    expect([code, message]).toEqual(['conflict', expect.stringMatching(/^Not run: the world changed/)]);
    expect(github.changes).toEqual([]);
  });

  test('is done where somebody only pushed or gave it a star', async () => {
    await run(DELETION, () =>
      github.world.set(REPO, { ...repo, pushed_at: '2026-01-02T00:00:00Z', stargazers_count: 2 }),
    );
    expect(github.changes).toEqual([`DELETE ${REPO}`]);
  });
});

describe('Merging a pull request', () => {
  test('is seen as what goes where, and sent with the body that was approved', async () => {
    expect(await shown(MERGE)).toMatchObject({
      'Pull request': ['Add a page'],
      From: ['acme:next'],
      Into: ['main'],
      'Up to commit': ['c0ffee'],
      Repository: ['acme/site'],
    });
    expect(await run(MERGE)).toMatchObject({ status: 200 });
    expect(github.received.at(-1)).toBe(`PUT ${REPO}/pulls/17/merge {"merge_method":"squash"}`);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'another commit was pushed',
      { ...pull, head: { ...pull.head, sha: 'badbad' } },
      /Up to commit: was c0ffee, is badbad/,
    ],
    ['it goes elsewhere', { ...pull, base: { ref: 'release' } }, /Into: was main, is release/],
    ['it was closed', { ...pull, state: 'closed' }, /State: was open, is closed/],
  ])('is not done where %s since the approval (T3, T4)', async (_what, now, words) => {
    const { code, message } = await failure(run(MERGE, () => github.world.set(`${REPO}/pulls/17`, now)));
    expect([code, message]).toEqual(['conflict', expect.stringMatching(words)]);
    expect(github.changes).toEqual([]);
  });

  test('is done where only its checks went on', async () => {
    await run(MERGE, () => github.world.set(`${REPO}/pulls/17`, { ...pull, mergeable_state: 'unstable' }));
    expect(github.changes).toEqual([`PUT ${REPO}/pulls/17/merge`]);
  });
});

describe('Deleting an environment', () => {
  test('is seen as production, with the protections that end with it', async () => {
    expect(await preview(context(), UNPLACING)).toMatchObject({ environment: 'production', subject: 'production' });
    expect(await shown(UNPLACING)).toMatchObject({
      'Protections it has': ['required_reviewers', 'wait_timer'],
      'From protected branches only': ['yes'],
    });
    await run(UNPLACING);
    expect(github.changes).toEqual([`DELETE ${REPO}/environments/production`]);
  });

  test('is not done where it was protected better since the approval (T4)', async () => {
    const now = { ...production, protection_rules: [...production.protection_rules, { type: 'branch_policy' }] };
    const { code, message } = await failure(
      run(UNPLACING, () => github.world.set(`${REPO}/environments/production`, now)),
    );
    expect([code, message]).toEqual(['conflict', expect.stringMatching(/Protections it has: was/)]);
    expect(github.changes).toEqual([]);
  });

  test('is UNKNOWN, its place too, where GitHub does not show it', async () => {
    github.world.delete(`${REPO}/environments/production`);
    expect(await preview(context(), UNPLACING)).toMatchObject({ environment: null, subject: null });
    expect((await shown(UNPLACING))['Protections it has']).toBeNull();
  });
});

describe('What is looked up', () => {
  test('is a branch with slashes in its name, by the very path that is deleted', async () => {
    const path = `${REPO}/git/refs/heads/feature/x`;
    const deletion = ask({ method: 'DELETE', path }, 'branch/acme/site/feature/x', 'delete');
    expect(await shown(deletion)).toMatchObject({
      Branch: ['feature/x'],
      'Its last commit': ['c0ffee'],
      By: ['nobody named'],
    });
    expect(github.received).toEqual([`GET ${REPO}`, `GET ${REPO}/branches/feature/x`]);
  });

  test('is no hook: its read is not safe, so nothing is asked and the page says UNKNOWN (T32)', async () => {
    const deletion = ask({ method: 'DELETE', path: `${REPO}/hooks/17` }, 'hook/acme/site/17', 'delete');
    const { found, subject } = await preview(context(), deletion);
    expect(found?.map(({ values }) => values)).toEqual([null]);
    expect(subject).toBeNull();
    expect(github.received).toEqual([]);
  });
});

test('“Test” asks GitHub who the token belongs to', async () => {
  const published = { ...context(), config: { ...context().config, privateNetwork: false } };
  expect(await inspect(published)).toMatchObject({ answered: '{"login":"ada"}', dangers: [], warnings: [] });
  expect(github.received).toEqual(['GET /user']);
});
