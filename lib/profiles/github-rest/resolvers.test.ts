import type { components, operations } from '@octokit/openapi-types/types.d.ts';
import { describe, expect, test } from 'vitest';
import { classifyHttp } from '#gateway/classify';
import { resolveInTime } from '#gateway/resolve';
import type { Json } from '#lib/core';
import type { Resolver } from '..';
import { githubRest } from './profile';

/** An answer of GitHub’s as its own description has it, as far as it is written down here. */
type Part<T> = T extends readonly (infer E)[] ? Part<E>[] : T extends object ? { [K in keyof T]?: Part<T[K]> } : T;
type Schemas = components['schemas'];
type Answer<Operation extends keyof operations> = Part<
  operations[Operation] extends { responses: { 200: { content: { 'application/json': infer Body } } } } ? Body : never
>;

const ada: Part<Schemas['simple-user']> = { login: 'ada' };
const comment = { user: ada, created_at: '2026-01-01T00:00:00Z', body: 'Looks good' };
const branch: Part<Schemas['branch-with-protection']> = {
  name: 'main',
  protected: true,
  commit: { sha: 'c0ffee', commit: { author: { name: 'Ada' } } },
};
const tag: Part<Schemas['git-ref']> = { ref: 'refs/tags/v1', object: { sha: 'c0ffee' } };
const aPackage: Part<Schemas['package']> = {
  name: 'site',
  package_type: 'container',
  visibility: 'private',
  version_count: 3,
};
const version: Part<Schemas['package-version']> = { name: 'sha256:1', created_at: '2026-01-01T00:00:00Z' };
const runner: Part<Schemas['runner']> = { name: 'box-1', os: 'linux', status: 'online', labels: [{ name: 'gpu' }] };
const ruleset: Part<Schemas['repository-ruleset']> = {
  name: 'no force',
  enforcement: 'active',
  rules: [{ type: 'non_fast_forward' }],
};
const team: Part<Schemas['team-full']> = {
  name: 'Web',
  members_count: 4,
  repos_count: 2,
  organization: { login: 'acme' },
};
const project: Part<Schemas['projects-v2']> = { title: 'Launch' };
const item: Part<Schemas['projects-v2-item-with-content']> = {
  content_type: 'Issue',
  created_at: '2026-01-01T00:00:00Z',
};

const REPO = '/repos/{owner}/{repo}';
const ORG = '/orgs/{org}';

/** Every read of every resolver, answered as GitHub would. TypeScript holds each against GitHub’s own description. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  [REPO]: {
    full_name: 'acme/site',
    visibility: 'private',
    default_branch: 'main',
    archived: false,
    pushed_at: '2026-01-01T00:00:00Z',
    size: 4_096,
    open_issues_count: 3,
    stargazers_count: 1,
    forks_count: 0,
  } satisfies Answer<'repos/get'>,
  [`${REPO}/actions/artifacts/{artifact_id}`]: {
    name: 'dist',
    size_in_bytes: 17,
    created_at: null,
  } satisfies Answer<'actions/get-artifact'>,
  [`${REPO}/actions/caches?per_page=100`]: {
    actions_caches: [
      { id: 1, key: 'other', ref: 'refs/heads/main', size_in_bytes: 1, last_accessed_at: '2026-01-01T00:00:00Z' },
      { id: 17, key: 'npm', ref: 'refs/heads/main', size_in_bytes: 9, last_accessed_at: '2026-01-01T00:00:00Z' },
    ],
  } satisfies Answer<'actions/get-actions-cache-list'>,
  [`${REPO}/actions/jobs/{job_id}`]: {
    name: 'test',
    workflow_name: null,
    head_sha: 'c0ffee',
  } satisfies Answer<'actions/get-job-for-workflow-run'>,
  [`${REPO}/actions/runners/{runner_id}`]: runner satisfies Answer<'actions/get-self-hosted-runner-for-repo'>,
  [`${REPO}/actions/runs/{run_id}`]: {
    name: null,
    display_title: 'Add a page',
    event: 'pull_request',
    head_repository: { full_name: 'eve/site' },
    head_branch: null,
    head_sha: 'c0ffee',
    conclusion: null,
  } satisfies Answer<'actions/get-workflow-run'>,
  [`${REPO}/actions/runs/{run_id}/pending_deployments`]: [
    { environment: { name: 'production' } },
    { environment: { name: 'preview' } },
  ] satisfies Answer<'actions/get-pending-deployments-for-run'>,
  [`${REPO}/actions/workflows/{workflow}`]: {
    name: 'CI',
    path: '.github/workflows/ci.yml',
    state: 'active',
  } satisfies Answer<'actions/get-workflow'>,
  [`${REPO}/autolinks/{autolink_id}`]: {
    key_prefix: 'TICKET-',
    url_template: 'https://example.com/<num>',
  } satisfies Answer<'repos/get-autolink'>,
  [`${REPO}/branches/{branch}`]: branch satisfies Answer<'repos/get-branch'>,
  [`${REPO}/branches/{first}/{branch}`]: branch,
  [`${REPO}/branches/{first}/{second}/{branch}`]: branch,
  [`${REPO}/check-runs/{check_run_id}`]: {
    name: 'test',
    app: null,
    head_sha: 'c0ffee',
    conclusion: null,
  } satisfies Answer<'checks/get'>,
  [`${REPO}/collaborators/{username}/permission`]: {
    user: { login: 'eve' },
    role_name: 'write',
  } satisfies Answer<'repos/get-collaborator-permission-level'>,
  [`${REPO}/comments/{comment_id}`]: comment satisfies Answer<'repos/get-commit-comment'>,
  [`${REPO}/commits/{sha}`]: {
    sha: 'c0ffee',
    commit: { message: 'Add a page', author: null },
  } satisfies Answer<'repos/get-commit'>,
  [`${REPO}/deployments/{deployment_id}`]: {
    ref: 'main',
    sha: 'c0ffee',
    environment: 'production',
    creator: null,
  } satisfies Answer<'repos/get-deployment'>,
  [`${REPO}/environments/{environment}`]: {
    name: 'production',
    protection_rules: [{ type: 'required_reviewers' }, { type: 'wait_timer' }],
    deployment_branch_policy: null,
  } satisfies Answer<'repos/get-environment'>,
  [`${REPO}/environments/{environment}/deployment-branch-policies/{policy_id}`]: {
    name: 'release/*',
  } satisfies Answer<'repos/get-deployment-branch-policy'>,
  [`${REPO}/environments/{environment}/deployment_protection_rules/{rule_id}`]: {
    app: { slug: 'change-desk' },
    enabled: true,
  } satisfies Answer<'repos/get-custom-deployment-protection-rule'>,
  [`${REPO}/git/ref/tags/{tag}`]: tag satisfies Answer<'git/get-ref'>,
  [`${REPO}/git/ref/tags/{first}/{tag}`]: tag,
  [`${REPO}/issues/comments/{comment_id}`]: comment satisfies Answer<'issues/get-comment'>,
  [`${REPO}/labels/{name}`]: { name: 'bug', description: null } satisfies Answer<'issues/get-label'>,
  [`${REPO}/milestones/{number}`]: {
    title: 'v1',
    state: 'open',
    open_issues: 2,
    closed_issues: 5,
  } satisfies Answer<'issues/get-milestone'>,
  [`${REPO}/pages`]: {
    html_url: 'https://acme.example',
    cname: null,
    public: true,
  } satisfies Answer<'repos/get-pages'>,
  [`${REPO}/pulls/comments/{comment_id}`]: comment satisfies Answer<'pulls/get-review-comment'>,
  [`${REPO}/pulls/{number}`]: {
    title: 'Add a page',
    user: ada,
    state: 'open',
    head: { label: 'acme:next', sha: 'c0ffee' },
    base: { ref: 'main' },
    commits: 1,
    changed_files: 2,
    mergeable_state: 'clean',
  } satisfies Answer<'pulls/get'>,
  [`${REPO}/pulls/{number}/reviews/{review_id}`]: {
    user: null,
    state: 'CHANGES_REQUESTED',
    body: 'No',
  } satisfies Answer<'pulls/get-review'>,
  [`${REPO}/releases/assets/{asset_id}`]: {
    name: 'site.tgz',
    size: 17,
    download_count: 2,
  } satisfies Answer<'repos/get-release-asset'>,
  [`${REPO}/releases/{release_id}`]: {
    tag_name: 'v1',
    published_at: null,
    assets: [{ name: 'site.tgz' }],
  } satisfies Answer<'repos/get-release'>,
  [`${REPO}/rulesets/{ruleset_id}`]: ruleset satisfies Answer<'repos/get-repo-ruleset'>,
  [ORG]: {
    login: 'acme',
    public_repos: 3,
    created_at: '2020-01-01T00:00:00Z',
  } satisfies Answer<'orgs/get'>,
  [`${ORG}/actions/hosted-runners/images/custom/{image_id}`]: {
    name: 'ours',
    platform: 'linux-x64',
    versions_count: 2,
  } satisfies Answer<'actions/get-custom-image-for-org'>,
  [`${ORG}/actions/hosted-runners/images/custom/{image_id}/versions/{version}`]: {
    version: '1.0.0',
    created_on: '2026-01-01T00:00:00Z',
  } satisfies Answer<'actions/get-custom-image-version-for-org'>,
  [`${ORG}/actions/hosted-runners/{runner_id}`]: {
    name: 'big',
    platform: 'linux-x64',
    status: 'Ready',
  } satisfies Answer<'actions/get-hosted-runner-for-org'>,
  [`${ORG}/actions/runner-groups/{group_id}`]: {
    name: 'deploys',
    visibility: 'selected',
    allows_public_repositories: false,
  } satisfies Answer<'actions/get-self-hosted-runner-group-for-org'>,
  [`${ORG}/actions/runners/{runner_id}`]: runner satisfies Answer<'actions/get-self-hosted-runner-for-org'>,
  [`${ORG}/code-security/configurations/{configuration_id}`]: {
    name: 'Strict',
    enforcement: 'enforced',
    secret_scanning: 'enabled',
    secret_scanning_push_protection: 'enabled',
    code_scanning_default_setup: 'enabled',
    dependabot_alerts: 'enabled',
  } satisfies Answer<'code-security/get-configuration'>,
  [`${ORG}/issue-fields`]: [
    { id: 1, name: 'Other', data_type: 'text' },
    { id: 17, name: 'Size', data_type: 'number' },
  ] satisfies Answer<'orgs/list-issue-fields'>,
  [`${ORG}/issue-types`]: [
    { id: 17, name: 'Bug', description: null },
    { id: 1, name: 'Other', description: null },
  ] satisfies Answer<'orgs/list-issue-types'>,
  [`${ORG}/memberships/{username}`]: {
    user: { login: 'eve' },
    role: 'admin',
    state: 'active',
  } satisfies Answer<'orgs/get-membership-for-user'>,
  [`${ORG}/organization-roles/{role_id}`]: {
    name: 'auditor',
    base_role: null,
    permissions: ['read_audit_logs'],
  } satisfies Answer<'orgs/get-org-role'>,
  [`${ORG}/packages/{type}/{name}`]: aPackage satisfies Answer<'packages/get-package-for-organization'>,
  [`${ORG}/packages/{type}/{name}/versions/{version}`]:
    version satisfies Answer<'packages/get-package-version-for-organization'>,
  [`${ORG}/projectsV2/{number}`]: project satisfies Answer<'projects/get-for-org'>,
  [`${ORG}/projectsV2/{number}/items/{item_id}`]: item satisfies Answer<'projects/get-org-item'>,
  [`${ORG}/properties/schema/{name}`]: {
    property_name: 'tier',
    value_type: 'single_select',
  } satisfies Answer<'orgs/custom-properties-for-repos-get-organization-definition'>,
  [`${ORG}/rulesets/{ruleset_id}`]: ruleset satisfies Answer<'repos/get-org-ruleset'>,
  [`${ORG}/settings/network-configurations/{network_id}`]: {
    name: 'inside',
  } satisfies Answer<'hosted-compute/get-network-configuration-for-org'>,
  [`${ORG}/teams/{team}`]: team satisfies Answer<'teams/get-by-name'>,
  '/teams/{team_id}': team satisfies Answer<'teams/get-legacy'>,
  '/user/memberships/orgs/{org}': {
    organization: { login: 'acme' },
    role: 'member',
    state: 'pending',
  } satisfies Answer<'orgs/get-membership-for-authenticated-user'>,
  '/user/packages/{type}/{name}': aPackage satisfies Answer<'packages/get-package-for-authenticated-user'>,
  '/user/packages/{type}/{name}/versions/{version}':
    version satisfies Answer<'packages/get-package-version-for-authenticated-user'>,
  '/users/{username}': {
    login: 'eve',
    name: null,
    created_at: '2020-01-01T00:00:00Z',
  } satisfies Part<Schemas['public-user']>,
  '/users/{username}/packages/{type}/{name}': aPackage satisfies Answer<'packages/get-package-for-user'>,
  '/users/{username}/packages/{type}/{name}/versions/{version}':
    version satisfies Answer<'packages/get-package-version-for-user'>,
  '/users/{username}/projectsV2/{number}': project satisfies Answer<'projects/get-for-user'>,
  '/users/{username}/projectsV2/{number}/items/{item_id}': item satisfies Answer<'projects/get-user-item'>,
};

const RESOLVERS = Object.entries(githubRest.resolvers);
const RULES = new Map(githubRest.rules.map(([method, pattern, rule]) => [`${method} ${pattern}`, rule]));
const READS = [...new Set(RESOLVERS.flatMap(([, { steps }]) => steps.map(({ read }) => read)))];
const namesIn = (text: string): readonly string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Of every name in a path, something that may stand there. */
const argsOf = (operation: string): { [name: string]: string } =>
  Object.fromEntries(namesIn(operation).map((name) => [name, name === 'owner' ? 'acme' : '17']));

const seenBy = (resolver: Resolver, operation: string, answers = ANSWERS) =>
  resolveInTime(resolver, argsOf(operation), async (read) => {
    if (!Object.hasOwn(answers, read)) throw new Error(`nobody asked for ${read}`);
    return answers[read] as Json;
  });

/** Folders of a file, and names of GitHub’s own settings: they say themselves what they are. */
const PLAIN_WORDS = ['a', 'b', 'c', 'limit', 'setting', 'members', 'security_product', 'enablement'];

describe('What GitHub’s profile looks up', () => {
  test('belongs to operations it names', () => {
    expect(RESOLVERS.filter(([operation]) => !RULES.has(operation)).map(([operation]) => operation)).toEqual([]);
  });

  test('belongs to what changes something: a read that passes at rest needs no look', () => {
    const idle = RESOLVERS.filter(([operation]) => ['safe', 'sensitive'].includes(RULES.get(operation)?.[0] ?? ''));
    expect(idle).toEqual([]);
  });

  test('rests on nothing but what the operation’s own path captured', () => {
    for (const [operation, { steps, facts }] of RESOLVERS) {
      const paths = [
        ...steps.flatMap(({ variables, where }) => [...Object.values(variables), ...(where?.slice(1) ?? [])]),
        ...facts.map(({ path }) => path),
      ];
      for (const path of paths)
        if (path.startsWith('args.')) expect(namesIn(operation), operation).toContain(path.slice('args.'.length));
    }
  });

  test('leaves no name of that path aside: each is looked up or shown, or is plain words', () => {
    for (const [operation, { steps, facts }] of RESOLVERS) {
      const used = [
        ...steps.flatMap(({ variables, where }) => [...Object.values(variables), ...(where?.slice(1) ?? [])]),
        ...facts.map(({ path }) => path),
      ];
      const idle = namesIn(operation).filter((name) => !used.includes(`args.${name}`) && !PLAIN_WORDS.includes(name));
      expect(idle, operation).toEqual([]);
    }
  });

  test('has every line of a name once', () => {
    for (const [operation, { facts }] of RESOLVERS)
      expect(new Set(facts.map(({ label }) => label)).size, operation).toBe(facts.length);
  });

  test.each(READS)('reads %s, which is safe by the profile itself (T32)', (read) => {
    const target = read.replace(/\{(\w+)\}/g, '17');
    const call = { method: 'GET', target, headers: new Map<string, string>() };
    const { class: klass, acts } = classifyHttp({ profile: githubRest, opens: [], closes: [], call });
    expect(klass).toBe('safe');
    expect(RULES.has(acts[0]?.operation ?? '')).toBe(true);
  });

  test('gives every read the variables it has, and no other', () => {
    for (const [operation, { steps }] of RESOLVERS)
      for (const { read, variables } of steps)
        expect(Object.keys(variables).sort(), `${operation}: ${read}`).toEqual([...new Set(namesIn(read))].sort());
  });

  test('is answered here in every read, and in none that nobody makes', () => {
    expect(Object.keys(ANSWERS).sort()).toEqual([...READS].sort());
  });
});

describe('In answers as GitHub describes them', () => {
  test.each(RESOLVERS)(
    'every line of %s is found, and the name and environment it promises',
    async (operation, one) => {
      const { found, subject, environment, unknown } = await seenBy(one, operation);
      expect(found.filter(({ values }) => values === null).map(({ label }) => label)).toEqual([]);
      expect(unknown).toBe(false);
      expect(subject === null).toBe(one.subject === null);
      // Where GitHub knows no environment none is claimed, and none is missed.
      expect(environment === undefined).toBe(one.environment === null);
    },
  );

  test.each(RESOLVERS)('nothing of %s is guessed where GitHub says no', async (operation, one) => {
    const { found, subject, environment, unknown } = await seenBy(one, operation, {});
    const fromPath = one.facts.filter(({ path }) => path.startsWith('args.')).map(({ label }) => label);
    expect(found.filter(({ values }) => values !== null).map(({ label }) => label)).toEqual(fromPath);
    expect([subject, environment ?? null, unknown]).toEqual([null, null, true]);
  });

  test.each([
    [`DELETE ${REPO}`, 'acme/site', null],
    [`DELETE ${REPO}/git/refs/heads/{branch}`, 'main', null],
    [`DELETE ${REPO}/git/refs/tags/{tag}`, 'refs/tags/v1', null],
    [`DELETE ${REPO}/releases/{release_id}`, 'v1', null],
    [`DELETE ${REPO}/environments/{environment}`, 'production', 'production'],
    [`PUT ${REPO}/environments/{environment}/secrets/{name}`, 'production', 'production'],
    [`DELETE ${REPO}/deployments/{deployment_id}`, null, 'production'],
    // Of two it waits for, the worse.
    [`POST ${REPO}/actions/runs/{run_id}/pending_deployments`, null, 'production'],
    [`PUT ${REPO}/pulls/{number}/merge`, null, null],
    [`DELETE ${ORG}/teams/{team}`, 'Web', null],
    [`DELETE ${ORG}/packages/{type}/{name}`, 'site', null],
  ])('%s is of %j and lives in %j', async (operation, subject, environment) => {
    const resolver = githubRest.resolvers[operation];
    if (resolver === undefined) throw new Error(`no resolver for ${operation}`);
    const seen = await seenBy(resolver, operation);
    expect([seen.subject, seen.environment ?? null]).toEqual([subject, environment]);
  });

  test('a cache is the one of its id, and none at all where it is not among those read', async () => {
    const operation = `DELETE ${REPO}/actions/caches/{cache_id}`;
    const resolver = githubRest.resolvers[operation];
    if (resolver === undefined) throw new Error('no resolver');
    const { found } = await seenBy(resolver, operation);
    expect(found[0]).toMatchObject({ label: 'Cache', values: ['npm'] });
    const list = `${REPO}/actions/caches?per_page=100`;
    const without = await seenBy(resolver, operation, {
      ...ANSWERS,
      [list]: { actions_caches: [{ id: 1, key: 'a' }] },
    });
    expect(without.found[0]).toMatchObject({ label: 'Cache', values: null });
  });
});

/** Kinds of things that are named by an id and not looked up, and why: the page says UNKNOWN. */
const BLIND: Readonly<Record<string, string>> = {
  'account-key': 'whose keys these are is not read at rest',
  'actions-permissions': 'a repository of an organisation, by its number: there is no read of it by that',
  advisory: 'what is not public yet is not read at rest',
  attestation: 'they are read by a link that holds a token',
  cache: 'which ones is said in the query',
  campaign: 'it is about alerts, which are not read at rest',
  'code-alert': 'alerts are not read at rest',
  'code-analysis': 'alerts are not read at rest',
  'codeql-database': 'it is read by a link that holds a token',
  codespace: 'they are not read at rest',
  copilot: 'its settings are not read at rest',
  'copilot-space': 'they are not read at rest',
  dependabot: 'alerts are not read at rest',
  'deploy-key': 'keys are not read at rest',
  enterprise: 'nothing of an enterprise is read at rest',
  gist: 'whoever has the address of a secret one has it',
  'gist-comment': 'whoever has the address of a secret one has it',
  hook: 'hooks hold secrets',
  import: 'it may be read with the password of where it comes from',
  installation: 'what apps may do is not read at rest',
  invitation: 'they are not read at rest',
  migration: 'they are not read at rest',
  org: 'a repository or an organisation, by its number: there is no read of it by that',
  'org-variable': 'a repository, by its number: there is no read of it by that',
  ref: 'neither a branch nor a tag, or one with more slashes than are looked up',
  registry: 'it holds a password',
  'runner-group': 'a repository, by its number: there is no read of it by that',
  secret: 'a repository, by its number; or a secret of a codespace, and those are not read at rest',
  'secret-alert': 'alerts are not read at rest',
  'secret-pattern': 'what scanners look for is not read at rest',
  token: 'nothing of a token is read at rest',
};

describe('What stays UNKNOWN', () => {
  const blind = [...RULES].filter(
    ([operation, [level]]) =>
      (level === 'destructive' || level === 'escalating') && !Object.hasOwn(githubRest.resolvers, operation),
  );

  test('is only what no safe read tells: whatever else names one thing and destroys or escalates is looked up', () => {
    const kinds = blind.filter(([, [, , , id]]) => id !== undefined).map(([, [, kind]]) => kind);
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(BLIND).sort());
  });

  test('is the rest: of 397 operations that destroy or escalate, 267 are looked up', () => {
    const grave = [...RULES.values()].filter(([level]) => level === 'destructive' || level === 'escalating');
    console.info(`GitHub: ${grave.length - blind.length} of ${grave.length} grave operations are looked up`);
    expect([grave.length - blind.length, grave.length]).toEqual([267, 397]);
  });
});
