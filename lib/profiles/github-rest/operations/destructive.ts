import type { HttpRule } from '../../types';
import { BRANCH_NAMES, ORG, REPO, type Row, SELF, TAG_NAMES, TOP, table, USER } from '../table';

/** What does not come back. */
export const githubDestructive: readonly HttpRule[] = [
  ...table('destructive', REPO, [
    ['DELETE', '', 'repo', 'delete'],
    ...BRANCH_NAMES.map((branch): Row => ['DELETE', `/git/refs/heads/${branch}`, 'branch', 'delete', branch]),
    ...TAG_NAMES.map((tag): Row => ['DELETE', `/git/refs/tags/${tag}`, 'tag', 'delete', tag]),
    ['DELETE', '/git/refs/**', 'ref', 'delete'],
    ['DELETE', '/releases/{release_id}', 'release', 'delete', '{release_id}'],
    ['DELETE', '/releases/assets/{asset_id}', 'release-asset', 'delete', '{asset_id}'],
    ['DELETE', '/deployments/{deployment_id}', 'deployment', 'delete', '{deployment_id}'],
    ['DELETE', '/pages', 'pages', 'delete'],
    ['DELETE', '/hooks/{hook_id}', 'hook', 'delete', '{hook_id}'],
    ['DELETE', '/keys/{key_id}', 'deploy-key', 'delete', '{key_id}'],
    ['DELETE', '/invitations/{invitation_id}', 'invitation', 'delete', '{invitation_id}'],
    ['DELETE', '/autolinks/{autolink_id}', 'autolink', 'delete', '{autolink_id}'],
    ['DELETE', '/issues/comments/{comment_id}', 'comment', 'delete', '{comment_id}'],
    ['DELETE', '/pulls/comments/{comment_id}', 'comment', 'delete', '{comment_id}'],
    ['DELETE', '/comments/{comment_id}', 'comment', 'delete', '{comment_id}'],
    ['DELETE', '/pulls/{number}/reviews/{review_id}', 'review', 'delete', '{number}/{review_id}'],
    ['DELETE', '/labels/{name}', 'label', 'delete'],
    ['DELETE', '/milestones/{number}', 'milestone', 'delete', '{number}'],
    ['DELETE', '/code-scanning/codeql/databases/{language}', 'codeql-database', 'delete', '{language}'],
    ['DELETE', '/actions/artifacts/{artifact_id}', 'artifact', 'delete', '{artifact_id}'],
    ['DELETE', '/actions/caches', 'cache', 'delete'],
    ['DELETE', '/actions/caches/{cache_id}', 'cache', 'delete', '{cache_id}'],
    ['DELETE', '/actions/runners/{runner_id}', 'runner', 'delete', '{runner_id}'],
    ['DELETE', '/actions/runs/{run_id}', 'run', 'delete', '{run_id}'],
    ['DELETE', '/actions/runs/{run_id}/logs', 'log', 'delete', '{run_id}'],
    ...['actions', 'agents', 'codespaces', 'dependabot'].map(
      (product): Row => ['DELETE', `/${product}/secrets/{name}`, 'secret', 'delete', '{name}'],
    ),
    ...['actions', 'agents'].map(
      (product): Row => ['DELETE', `/${product}/variables/{name}`, 'variable', 'delete', '{name}'],
    ),
    ['DELETE', '/environments/{environment}/secrets/{name}', 'secret', 'delete', '{environment}/{name}'],
    ['DELETE', '/environments/{environment}/variables/{name}', 'variable', 'delete', '{environment}/{name}'],
  ]),
  ...table('destructive', ORG, [
    ['DELETE', '/actions/hosted-runners/images/custom/{image_id}', 'runner-image', 'delete', '{image_id}'],
    [
      'DELETE',
      '/actions/hosted-runners/images/custom/{image_id}/versions/{version}',
      'runner-image',
      'delete',
      '{image_id}/{version}',
    ],
    ['DELETE', '/actions/hosted-runners/{runner_id}', 'runner', 'delete', '{runner_id}'],
    ['DELETE', '/actions/runners/{runner_id}', 'runner', 'delete', '{runner_id}'],
    ...['actions', 'agents', 'codespaces', 'dependabot'].map(
      (product): Row => ['DELETE', `/${product}/secrets/{name}`, 'secret', 'delete', '{name}'],
    ),
    ['DELETE', '/campaigns/{campaign_number}', 'campaign', 'delete', '{campaign_number}'],
    ['DELETE', '/hooks/{hook_id}', 'hook', 'delete', '{hook_id}'],
    ['DELETE', '/invitations/{invitation_id}', 'invitation', 'delete', '{invitation_id}'],
    ['DELETE', '/issue-fields/{issue_field_id}', 'issue-field', 'delete', '{issue_field_id}'],
    ['DELETE', '/issue-types/{issue_type_id}', 'issue-type', 'delete', '{issue_type_id}'],
    ['DELETE', '/members/{username}/codespaces/{codespace}', 'codespace', 'delete', '{codespace}'],
    ['DELETE', '/migrations/{migration_id}/archive', 'migration', 'delete', '{migration_id}'],
  ]),
  ...table('destructive', SELF, [
    ['DELETE', '/codespaces/{codespace}', 'codespace', 'delete', '{codespace}'],
    ['DELETE', '/codespaces/secrets/{name}', 'secret', 'delete', '{name}'],
    ...['keys', 'gpg_keys', 'ssh_signing_keys'].map(
      (keys): Row => ['DELETE', `/${keys}/{key_id}`, 'account-key', 'delete', '{key_id}'],
    ),
    ['DELETE', '/migrations/{migration_id}/archive', 'migration', 'delete', '{migration_id}'],
    ['DELETE', '/repository_invitations/{invitation_id}', 'invitation', 'delete', '{invitation_id}'],
  ]),
  ...[ORG, SELF, USER].flatMap((root) =>
    table('destructive', root, [
      ['DELETE', '/packages/{type}/{name}', 'package', 'delete', '{type}/{name}'],
      ['DELETE', '/packages/{type}/{name}/versions/{version}', 'package', 'delete', '{type}/{name}/{version}'],
    ]),
  ),
  ...[ORG, USER].flatMap((root) =>
    table('destructive', root, [
      ['POST', '/attestations/delete-request', 'attestation', 'delete'],
      ['DELETE', '/attestations/digest/{digest}', 'attestation', 'delete', '{digest}'],
      ['DELETE', '/attestations/{attestation_id}', 'attestation', 'delete', '{attestation_id}'],
      ['DELETE', '/copilot-spaces/{space_number}', 'copilot-space', 'delete', '{space_number}'],
      ['DELETE', '/copilot-spaces/{space_number}/resources/{resource_id}', 'copilot-space', 'delete', '{space_number}'],
      ['DELETE', '/projectsV2/{number}/items/{item_id}', 'project-item', 'delete', '{number}/{item_id}'],
    ]),
  ),
  ...table('destructive', TOP, [
    ['DELETE', '/applications/{client_id}/grant', 'token', 'revoke', '{client_id}'],
    ['DELETE', '/applications/{client_id}/token', 'token', 'revoke', '{client_id}'],
    // Whatever tokens the body names.
    ['POST', '/credentials/revoke', 'token', 'revoke'],
    // The very token it is asked with.
    ['DELETE', '/installation/token', 'token', 'revoke'],
    ['DELETE', '/gists/{gist_id}', 'gist', 'delete', '{gist_id}'],
    ['DELETE', '/gists/{gist_id}/comments/{comment_id}', 'gist-comment', 'delete', '{gist_id}/{comment_id}'],
  ]),
];
