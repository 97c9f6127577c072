import type { components, operations } from '@octokit/openapi-types/types.d.ts';

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
export const GITHUB_ANSWERS: Readonly<Record<string, unknown>> = {
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
