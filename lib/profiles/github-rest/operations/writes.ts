import type { HttpRule } from '../../types';
import { ORG, REPO, type Row, SELF, TOP, table, USER } from '../table';

/*
 * What changes something, comes back, and gives nobody new power: what a grant
 * is for.
 */

const repository = table('write', REPO, [
  ['POST', '/forks', 'repo', 'fork'],
  ['PUT', '/topics', 'repo', 'update'],
  ['PUT', '/automated-security-fixes', 'alert-setting', 'enable'],
  ['PUT', '/private-vulnerability-reporting', 'alert-setting', 'enable'],
  ['PUT', '/vulnerability-alerts', 'alert-setting', 'enable'],
  ['PUT', '/immutable-releases', 'immutable-releases', 'enable'],
  ['PUT DELETE', '/subscription', 'subscription', 'update'],
  ['PUT', '/notifications', 'notification', 'update'],
  ['POST', '/autolinks', 'autolink', 'create'],
  ['POST', '/attestations', 'attestation', 'create'],
  ['POST', '/security-advisories', 'advisory', 'create'],
  ['POST', '/security-advisories/reports', 'advisory', 'create'],
  ['POST', '/security-advisories/{ghsa_id}/cve', 'advisory', 'request-cve', '{ghsa_id}'],
  ['POST', '/security-advisories/{ghsa_id}/forks', 'advisory', 'fork', '{ghsa_id}'],
  ['POST', '/hooks/{hook_id}/deliveries/{delivery_id}/attempts', 'hook', 'deliver', '{hook_id}'],
  ['POST', '/hooks/{hook_id}/pings', 'hook', 'deliver', '{hook_id}'],
  ['POST', '/hooks/{hook_id}/tests', 'hook', 'deliver', '{hook_id}'],
  // Nothing is lost: what was stays in the history. And no branch gets a commit that was not made on it.
  ['PUT DELETE', '/contents/**', 'code', 'update'],
  ['POST', '/git/blobs', 'code', 'prepare'],
  ['POST', '/git/commits', 'code', 'prepare'],
  ['POST', '/git/tags', 'tag', 'prepare'],
  ['POST', '/commits/{sha}/comments', 'comment', 'create'],
  ['PATCH', '/comments/{comment_id}', 'comment', 'update', '{comment_id}'],
  ['POST', '/releases/generate-notes', 'release', 'describe'],
  ['POST', '/releases/{release_id}/assets', 'release-asset', 'create'],
  ['PATCH', '/releases/assets/{asset_id}', 'release-asset', 'update', '{asset_id}'],
]);

/** Small signs of consent or dislike. */
const reactions = table(
  'write',
  REPO,
  ['/comments/{id}', '/issues/comments/{id}', '/issues/{id}', '/pulls/comments/{id}', '/releases/{id}'].flatMap(
    (of): readonly Row[] => [
      ['POST', `${of}/reactions`, 'reaction', 'update', '{id}'],
      ['DELETE', `${of}/reactions/{reaction_id}`, 'reaction', 'update', '{id}'],
    ],
  ),
);

const issues = table('write', REPO, [
  ['POST', '/issues', 'issue', 'create'],
  ['PATCH', '/issues/{number}', 'issue', 'update', '{number}'],
  ['POST DELETE', '/issues/{number}/assignees', 'issue', 'update', '{number}'],
  ['POST', '/issues/{number}/dependencies/blocked_by', 'issue', 'update', '{number}'],
  ['DELETE', '/issues/{number}/dependencies/blocked_by/{issue_id}', 'issue', 'update', '{number}'],
  ['POST PUT', '/issues/{number}/issue-field-values', 'issue', 'update', '{number}'],
  ['DELETE', '/issues/{number}/issue-field-values/{field_id}', 'issue', 'update', '{number}'],
  ['POST PUT DELETE', '/issues/{number}/labels', 'issue', 'update', '{number}'],
  ['DELETE', '/issues/{number}/labels/{name}', 'issue', 'update', '{number}'],
  ['PUT DELETE', '/issues/{number}/lock', 'issue', 'update', '{number}'],
  ['DELETE', '/issues/{number}/sub_issue', 'issue', 'update', '{number}'],
  ['POST', '/issues/{number}/sub_issues', 'issue', 'update', '{number}'],
  ['PATCH', '/issues/{number}/sub_issues/priority', 'issue', 'update', '{number}'],
  ['POST', '/issues/{number}/suggestions/{suggestion_id}/approve', 'issue', 'update', '{number}'],
  ['POST', '/issues/{number}/suggestions/{suggestion_id}/dismiss', 'issue', 'update', '{number}'],
  ['POST', '/issues/{number}/comments', 'comment', 'create', '{number}'],
  ['PATCH', '/issues/comments/{comment_id}', 'comment', 'update', '{comment_id}'],
  ['PUT DELETE', '/issues/comments/{comment_id}/pin', 'comment', 'update', '{comment_id}'],
  ['POST', '/labels', 'label', 'create'],
  ['PATCH', '/labels/{name}', 'label', 'update'],
  ['POST', '/milestones', 'milestone', 'create'],
  ['PATCH', '/milestones/{number}', 'milestone', 'update', '{number}'],
  ['POST', '/pulls', 'pull', 'create'],
  ['PATCH', '/pulls/{number}', 'pull', 'update', '{number}'],
  ['PUT', '/pulls/{number}/update-branch', 'pull', 'update', '{number}'],
  ['POST DELETE', '/pulls/{number}/requested_reviewers', 'pull', 'update', '{number}'],
  ['POST', '/pulls/{number}/comments', 'comment', 'create', '{number}'],
  ['POST', '/pulls/{number}/comments/{comment_id}/replies', 'comment', 'create', '{number}'],
  ['PATCH', '/pulls/comments/{comment_id}', 'comment', 'update', '{comment_id}'],
  // Its words alone; what it decides was decided when it was handed in.
  ['PUT', '/pulls/{number}/reviews/{review_id}', 'review', 'update', '{number}/{review_id}'],
  ['POST', '/stacks', 'pull', 'stack'],
  ['POST', '/stacks/{stack_number}/add', 'pull', 'stack'],
  ['POST', '/stacks/{stack_number}/unstack', 'pull', 'stack'],
]);

const runs = table('write', REPO, [
  ['POST', '/dispatches', 'workflow', 'run'],
  ['POST', '/actions/workflows/{workflow}/dispatches', 'workflow', 'run', '{workflow}'],
  ['PUT', '/actions/workflows/{workflow}/enable', 'workflow', 'enable', '{workflow}'],
  ['POST', '/actions/jobs/{job_id}/rerun', 'run', 'rerun'],
  ['POST', '/actions/runs/{run_id}/cancel', 'run', 'cancel', '{run_id}'],
  ['POST', '/actions/runs/{run_id}/force-cancel', 'run', 'cancel', '{run_id}'],
  ['POST', '/actions/runs/{run_id}/rerun', 'run', 'rerun', '{run_id}'],
  ['POST', '/actions/runs/{run_id}/rerun-failed-jobs', 'run', 'rerun', '{run_id}'],
  ...['/actions', '/agents'].flatMap((product): readonly Row[] => [
    ['POST', `${product}/variables`, 'variable', 'create'],
    ['PATCH', `${product}/variables/{name}`, 'variable', 'update', '{name}'],
  ]),
  ['POST', '/environments/{environment}/variables', 'variable', 'create', '{environment}'],
  ['PATCH', '/environments/{environment}/variables/{name}', 'variable', 'update', '{environment}/{name}'],
  ['POST', '/check-runs/{check_run_id}/rerequest', 'check', 'rerun', '{check_run_id}'],
  ['POST', '/check-suites', 'check', 'rerun'],
  ['POST', '/check-suites/{check_suite_id}/rerequest', 'check', 'rerun', '{check_suite_id}'],
  ['POST', '/code-scanning/alerts/{number}/autofix', 'code-alert', 'propose', '{number}'],
  ['POST', '/code-scanning/codeql/variant-analyses', 'codeql-database', 'query'],
  ['POST', '/pages/builds', 'pages', 'build'],
  ['POST', '/pages/deployments', 'pages', 'build'],
  ['POST', '/pages/deployments/{pages_deployment_id}/cancel', 'pages', 'cancel'],
]);

const around = [
  ...table('write', ORG, [
    ['POST', '/repos', 'repo', 'create'],
    ['POST', '/artifacts/metadata/deployment-record/**', 'artifact-record', 'create'],
    ['POST', '/artifacts/metadata/storage-record', 'artifact-record', 'create'],
    ['POST', '/campaigns', 'campaign', 'create'],
    ['PATCH', '/campaigns/{campaign_number}', 'campaign', 'update', '{campaign_number}'],
    ['POST', '/hooks/{hook_id}/deliveries/{delivery_id}/attempts', 'hook', 'deliver', '{hook_id}'],
    ['POST', '/hooks/{hook_id}/pings', 'hook', 'deliver', '{hook_id}'],
    ['POST', '/issue-fields', 'issue-field', 'create'],
    ['PATCH', '/issue-fields/{issue_field_id}', 'issue-field', 'update', '{issue_field_id}'],
    ['POST', '/issue-types', 'issue-type', 'create'],
    ['PUT', '/issue-types/{issue_type_id}', 'issue-type', 'update', '{issue_type_id}'],
    ['POST', '/members/{username}/codespaces/{codespace}/stop', 'codespace', 'stop', '{codespace}'],
    ['DELETE', '/migrations/{migration_id}/repos/{repo}/lock', 'migration', 'unlock', '{migration_id}'],
    // Of whoever the token belongs to.
    ['PUT DELETE', '/public_members/{username}', 'account', 'update'],
  ]),
  ...[ORG, USER].flatMap((root) =>
    table('write', root, [
      // A question that is too long for an address.
      ['POST', '/attestations/bulk-list', 'attestation', 'list'],
      ['POST', '/copilot-spaces/{space_number}/resources', 'copilot-space', 'update', '{space_number}'],
      ['PUT', '/copilot-spaces/{space_number}/resources/{resource_id}', 'copilot-space', 'update', '{space_number}'],
      ['POST', '/projectsV2/{number}/fields', 'project', 'update', '{number}'],
      ['POST', '/projectsV2/{number}/items', 'project-item', 'create', '{number}'],
      ['PATCH', '/projectsV2/{number}/items/{item_id}', 'project-item', 'update', '{number}/{item_id}'],
    ]),
  ),
  ...[ORG, SELF, USER].flatMap((root) =>
    table('write', root, [
      ['POST', '/packages/{type}/{name}/restore', 'package', 'restore', '{type}/{name}'],
      ['POST', '/packages/{type}/{name}/versions/{version}/restore', 'package', 'restore', '{type}/{name}/{version}'],
    ]),
  ),
  ...table('write', ORG, [
    ['POST', '/projectsV2/{number}/drafts', 'project-item', 'create', '{number}'],
    ['POST', '/projectsV2/{number}/views', 'project', 'update', '{number}'],
  ]),
];

const people = [
  ...table('write', SELF, [
    ['PATCH', '', 'account', 'update'],
    ['PUT DELETE', '/blocks/{username}', 'account', 'update'],
    ['PUT DELETE', '/following/{username}', 'account', 'update'],
    ['POST DELETE', '/social_accounts', 'account', 'update'],
    ['PUT DELETE', '/starred/{owner}/{repo}', 'account', 'star'],
    ['PATCH', '/codespaces/{codespace}', 'codespace', 'update', '{codespace}'],
    ['POST', '/codespaces/{codespace}/start', 'codespace', 'start', '{codespace}'],
    ['POST', '/codespaces/{codespace}/stop', 'codespace', 'stop', '{codespace}'],
    ['DELETE', '/migrations/{migration_id}/repos/{repo}/lock', 'migration', 'unlock', '{migration_id}'],
    ['POST', '/repos', 'repo', 'create'],
    ['POST', '/{user_id}/projectsV2/{number}/drafts', 'project-item', 'create', '{user_id}/{number}'],
  ]),
  ...table('write', TOP, [
    ['POST', '/app/hook/deliveries/{delivery_id}/attempts', 'app', 'deliver'],
    ['POST', '/gists', 'gist', 'create'],
    ['PATCH', '/gists/{gist_id}', 'gist', 'update', '{gist_id}'],
    ['POST', '/gists/{gist_id}/comments', 'gist-comment', 'create', '{gist_id}'],
    ['PATCH', '/gists/{gist_id}/comments/{comment_id}', 'gist-comment', 'update', '{gist_id}/{comment_id}'],
    ['POST', '/gists/{gist_id}/forks', 'gist', 'fork', '{gist_id}'],
    ['PUT DELETE', '/gists/{gist_id}/star', 'gist', 'star', '{gist_id}'],
    // They only turn text into other text.
    ['POST', '/markdown', 'markdown', 'render'],
    ['POST', '/markdown/raw', 'markdown', 'render'],
    ['PUT', '/notifications', 'notification', 'update'],
    ['PATCH DELETE', '/notifications/threads/{thread_id}', 'notification', 'update', '{thread_id}'],
    ['PUT DELETE', '/notifications/threads/{thread_id}/subscription', 'notification', 'update', '{thread_id}'],
    ['POST', '/users/{user_id}/projectsV2/{number}/views', 'project', 'update', '{user_id}/{number}'],
  ]),
];

export const githubWrites: readonly HttpRule[] = [
  ...repository,
  ...reactions,
  ...issues,
  ...runs,
  ...around,
  ...people,
];
