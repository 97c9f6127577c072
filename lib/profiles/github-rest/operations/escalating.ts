import type { HttpRule } from '../../types';
import { BRANCH_NAMES, ORG, REPO, type Row, SELF, TAG_NAMES, TOP, table, USER } from '../table';

/*
 * New power, for somebody or something, or a protection that ends: only ever
 * word for word, never by a grant. The body is not read, so a call is as bad as
 * the worst body it may carry: changing a repository may make it public, a
 * review may be the approval that was missing.
 */

/** Of a repository: who may what, and what stands in the way. */
const repository = table('escalating', REPO, [
  ['PATCH', '', 'repo', 'configure'],
  // The copy of a private one may be public.
  ['POST', '/generate', 'repo', 'copy'],
  ['POST', '/transfer', 'repo', 'transfer'],
  ['PUT PATCH DELETE', '/import', 'import', 'run'],
  ['PATCH', '/import/authors/{author_id}', 'import', 'run', '{author_id}'],
  ['PATCH', '/import/lfs', 'import', 'run'],
  // By them organisations say which rules a repository is under.
  ['PATCH', '/properties/values', 'property', 'configure'],
  ['PUT DELETE', '/collaborators/{username}', 'collaborator', 'update', '{username}'],
  ['PATCH', '/invitations/{invitation_id}', 'invitation', 'update', '{invitation_id}'],
  ['POST', '/keys', 'deploy-key', 'create'],
  ['POST', '/hooks', 'hook', 'create'],
  ['PATCH', '/hooks/{hook_id}/**', 'hook', 'update', '{hook_id}'],
  ['PUT PATCH DELETE', '/interaction-limits/**', 'limit', 'configure'],
  ['POST', '/rulesets', 'ruleset', 'create'],
  ['PUT DELETE', '/rulesets/{ruleset_id}', 'ruleset', 'update', '{ruleset_id}'],
  ['DELETE', '/immutable-releases', 'immutable-releases', 'disable'],
  ['DELETE', '/automated-security-fixes', 'alert-setting', 'disable'],
  ['DELETE', '/private-vulnerability-reporting', 'alert-setting', 'disable'],
  ['DELETE', '/vulnerability-alerts', 'alert-setting', 'disable'],
  ['PATCH', '/secret-scanning/alerts/{number}', 'secret-alert', 'update', '{number}'],
  ['POST', '/secret-scanning/push-protection-bypasses', 'secret-alert', 'bypass'],
  ['POST PATCH DELETE', '/secret-scanning/custom-patterns/**', 'secret-pattern', 'configure'],
  ['PATCH', '/code-quality/setup', 'code-alert', 'configure'],
  ['PATCH', '/code-scanning/default-setup', 'code-alert', 'configure'],
  ['PATCH', '/code-scanning/alerts/{number}', 'code-alert', 'update', '{number}'],
  // It may mend a workflow.
  ['POST', '/code-scanning/alerts/{number}/autofix/commits', 'code-alert', 'commit', '{number}'],
  // What is uploaded says that nothing was found.
  ['POST', '/code-scanning/sarifs', 'code-analysis', 'create'],
  ['DELETE', '/code-scanning/analyses/{analysis_id}', 'code-analysis', 'delete', '{analysis_id}'],
  ['POST', '/dependency-graph/snapshots', 'dependency', 'report'],
  ['PATCH', '/dependabot/alerts/{number}', 'dependabot', 'update', '{number}'],
  // Publishes what nobody was to know yet, or lets more people in on it.
  ['PATCH', '/security-advisories/{ghsa_id}', 'advisory', 'update', '{ghsa_id}'],
  // A site is public however private its repository is.
  ['POST PUT', '/pages', 'pages', 'configure'],
  ...BRANCH_NAMES.map(
    (branch): Row => ['POST PUT PATCH DELETE', `/branches/${branch}/protection/**`, 'protection', 'update', branch],
  ),
]);

/** What lies there GitHub itself obeys: runs it with the repository’s secrets, or asks it who must review. */
export const OBEYED = [
  '.github/**',
  '.devcontainer/**',
  '.devcontainer.json',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  ...['', '{a}/', '{a}/{b}/', '{a}/{b}/{c}/'].flatMap((folder) => [`${folder}action.yml`, `${folder}action.yaml`]),
];

/**
 * Of code: what puts commits where GitHub obeys them. A commit of any fork can
 * be named by its hash, so a branch, a tag, a release or a deployment made of
 * one runs workflows that nobody here has read.
 */
const code = table('escalating', REPO, [
  ...OBEYED.map((path): Row => ['PUT DELETE', `/contents/${path}`, 'workflow', 'update']),
  ['POST', '/git/trees', 'tree', 'create'],
  ['POST', '/git/refs', 'branch', 'create'],
  // May be forced, which drops commits.
  ...BRANCH_NAMES.map((branch): Row => ['PATCH', `/git/refs/heads/${branch}`, 'branch', 'update', branch]),
  ...TAG_NAMES.map((tag): Row => ['PATCH', `/git/refs/tags/${tag}`, 'tag', 'update', tag]),
  ['PATCH', '/git/refs/**', 'ref', 'update'],
  // The protection may know it by its name.
  ...BRANCH_NAMES.map((branch): Row => ['POST', `/branches/${branch}/rename`, 'branch', 'rename', branch]),
  ['POST', '/merges', 'branch', 'merge'],
  ['POST', '/merge-upstream', 'branch', 'merge'],
  // An administrator’s passes without the reviews it waits for.
  ['PUT', '/pulls/{number}/merge', 'pull', 'merge', '{number}'],
  ['PUT', '/pulls/{number}/merge-async', 'pull', 'merge', '{number}'],
  ['POST', '/pulls/{number}/reviews', 'review', 'create', '{number}'],
  ['POST', '/pulls/{number}/reviews/{review_id}/events', 'review', 'create', '{number}/{review_id}'],
  ['PUT', '/pulls/{number}/reviews/{review_id}/dismissals', 'review', 'dismiss', '{number}/{review_id}'],
  ['POST', '/releases', 'release', 'create'],
  ['PATCH', '/releases/{release_id}', 'release', 'update', '{release_id}'],
  // They are what a protected branch waits for.
  ['POST', '/statuses/{sha}', 'status', 'create'],
  ['POST', '/check-runs', 'check', 'create'],
  ['PATCH', '/check-runs/{check_run_id}', 'check', 'update', '{check_run_id}'],
  ['PATCH', '/check-suites/preferences', 'check', 'configure'],
  // It says itself which checks it needs not wait for.
  ['POST', '/deployments', 'deployment', 'create'],
  ['POST', '/deployments/{deployment_id}/statuses', 'deployment', 'update', '{deployment_id}'],
]);

/** Of runs: their secrets, their rights, who may start and who must approve them. */
const runs = table('escalating', REPO, [
  ...['actions', 'agents', 'codespaces', 'dependabot'].map(
    (product): Row => ['PUT', `/${product}/secrets/{name}`, 'secret', 'update', '{name}'],
  ),
  ['PUT', '/actions/cache/{limit}', 'actions-permissions', 'update'],
  ['PUT', '/actions/oidc/**', 'oidc', 'update'],
  ['PUT', '/actions/permissions/**', 'actions-permissions', 'update'],
  ['POST', '/actions/runners/generate-jitconfig', 'runner', 'create'],
  ['POST', '/actions/runners/registration-token', 'runner', 'create'],
  ['POST', '/actions/runners/remove-token', 'runner', 'create'],
  ['POST PUT DELETE', '/actions/runners/{runner_id}/labels/**', 'runner', 'update', '{runner_id}'],
  ['POST', '/actions/runs/{run_id}/approve', 'run', 'approve', '{run_id}'],
  ['POST', '/actions/runs/{run_id}/deployment_protection_rule', 'run', 'approve', '{run_id}'],
  ['POST', '/actions/runs/{run_id}/pending_deployments', 'run', 'approve', '{run_id}'],
  ['PUT', '/actions/workflows/{workflow}/disable', 'workflow', 'disable', '{workflow}'],
  ['POST', '/codespaces', 'codespace', 'create'],
  ['POST', '/pulls/{number}/codespaces', 'codespace', 'create', '{number}'],
  // Its protections go with it, and the next run makes it anew without them.
  ['PUT DELETE', '/environments/{environment}', 'environment', 'configure', '{environment}'],
  ...['deployment-branch-policies', 'deployment_protection_rules'].map(
    (gates): Row => ['POST', `/environments/{environment}/${gates}`, 'environment', 'configure', '{environment}'],
  ),
  [
    'PUT DELETE',
    '/environments/{environment}/deployment-branch-policies/{policy_id}',
    'environment',
    'configure',
    '{environment}/{policy_id}',
  ],
  [
    'DELETE',
    '/environments/{environment}/deployment_protection_rules/{rule_id}',
    'environment',
    'configure',
    '{environment}/{rule_id}',
  ],
  ['PUT', '/environments/{environment}/secrets/{name}', 'secret', 'update', '{environment}/{name}'],
]);

/** Of people and their accounts. */
const people = [
  ...table('escalating', SELF, [
    ['POST', '/codespaces', 'codespace', 'create'],
    ['PUT', '/codespaces/secrets/{name}/**', 'secret', 'update', '{name}'],
    ['DELETE', '/codespaces/secrets/{name}/repositories/{repository_id}', 'secret', 'update', '{name}'],
    // What was changed in it goes to a branch; and a repository that is made of it may be public.
    ['POST', '/codespaces/{codespace}/exports', 'codespace', 'publish', '{codespace}'],
    ['POST', '/codespaces/{codespace}/publish', 'codespace', 'publish', '{codespace}'],
    ['PATCH', '/email/visibility', 'email', 'configure'],
    ['POST DELETE', '/emails', 'email', 'configure'],
    ['POST', '/gpg_keys', 'account-key', 'create'],
    ['PUT DELETE', '/installations/{installation_id}/repositories/{repository_id}', 'installation', 'update'],
    ['PUT DELETE', '/interaction-limits', 'limit', 'configure'],
    ['POST', '/keys', 'account-key', 'create'],
    ['PATCH', '/memberships/orgs/{org}', 'member', 'update', '{org}'],
    // Everything there is, in one archive.
    ['POST', '/migrations', 'migration', 'create'],
    ['PATCH', '/repository_invitations/{invitation_id}', 'invitation', 'accept', '{invitation_id}'],
    ['POST', '/ssh_signing_keys', 'account-key', 'create'],
  ]),
  ...[USER, ORG].flatMap((root) =>
    table('escalating', root, [
      // It says who may read what lies in it.
      ['POST', '/copilot-spaces', 'copilot-space', 'share'],
      ['PUT', '/copilot-spaces/{space_number}', 'copilot-space', 'share', '{space_number}'],
      ['POST', '/copilot-spaces/{space_number}/collaborators', 'copilot-space', 'share', '{space_number}'],
      [
        'PUT DELETE',
        '/copilot-spaces/{space_number}/collaborators/{kind}/{name}',
        'copilot-space',
        'share',
        '{space_number}',
      ],
    ]),
  ),
];

/** What hands out tokens, or passes on what nobody classified. */
const everywhere = table('escalating', TOP, [
  // The other API, all of it, in one body.
  ['GET POST', '/graphql', 'graphql', 'run'],
  // Undocumented, and a GET.
  ['GET', '/copilot_internal/**', 'token', 'create'],
  // Another agent, with rights of its own.
  ['POST', '/agents/repos/{owner}/{repo}/tasks', 'agent-task', 'create', '{owner}/{repo}'],
  ['PATCH', '/app/hook/config', 'app', 'configure'],
  ['DELETE', '/app/installations/{installation_id}', 'installation', 'delete', '{installation_id}'],
  ['POST', '/app/installations/{installation_id}/access_tokens', 'token', 'create', '{installation_id}'],
  ['PUT DELETE', '/app/installations/{installation_id}/suspended', 'installation', 'update', '{installation_id}'],
  ['POST', '/app-manifests/{code}/conversions', 'app', 'create'],
  ['POST PATCH', '/applications/{client_id}/token', 'token', 'create', '{client_id}'],
  ['POST', '/applications/{client_id}/token/scoped', 'token', 'create', '{client_id}'],
  ['POST PUT PATCH DELETE', '/enterprises/{enterprise}/**', 'enterprise', 'configure', '{enterprise}'],
  ['POST PUT PATCH DELETE', '/organizations/{org}/**', 'org', 'configure', '{org}'],
  ['PATCH DELETE', '/teams/{team_id}', 'team', 'update', '{team_id}'],
  ['PUT DELETE', '/teams/{team_id}/members/{username}', 'team', 'update', '{team_id}'],
  ['PUT DELETE', '/teams/{team_id}/memberships/{username}', 'team', 'update', '{team_id}'],
  ['PUT DELETE', '/teams/{team_id}/repos/{owner}/{repo}', 'team', 'update', '{team_id}'],
]);

export const githubEscalating: readonly HttpRule[] = [...repository, ...code, ...runs, ...people, ...everywhere];
