import type { HttpRule } from '../../types';
import { ORG, type Row, TOP, table } from '../table';

/*
 * An organisation’s settings, members, teams, roles and secrets: whoever
 * changes one changes what many may do, in all its repositories.
 */

export const githubEscalatingInOrg: readonly HttpRule[] = table('escalating', ORG, [
  ['PATCH', '', 'org', 'configure'],
  ['DELETE', '', 'org', 'delete'],
  ['PUT DELETE', '/blocks/{username}', 'block', 'update', '{username}'],
  ['PUT PATCH DELETE', '/interaction-limits/**', 'limit', 'configure'],
  ['PUT', '/settings/immutable-releases', 'org', 'configure'],
  ['PUT', '/settings/immutable-releases/repositories', 'org', 'configure'],
  ['PUT DELETE', '/settings/immutable-releases/repositories/{repository_id}', 'org', 'configure', '{repository_id}'],
  ['POST', '/settings/network-configurations', 'network', 'configure'],
  ['PATCH DELETE', '/settings/network-configurations/{network_id}', 'network', 'configure', '{network_id}'],

  // Who belongs to it, and what they may.
  ['POST', '/invitations', 'member', 'invite'],
  ['DELETE', '/members/{username}', 'member', 'update', '{username}'],
  ['PUT DELETE', '/memberships/{username}', 'member', 'update', '{username}'],
  ['PUT DELETE', '/outside_collaborators/{username}', 'member', 'update', '{username}'],
  ['PUT DELETE', '/organization-roles/teams/{team}/{role_id}', 'role', 'update', '{role_id}'],
  ['PUT DELETE', '/organization-roles/users/{username}/{role_id}', 'role', 'update', '{role_id}'],
  ['DELETE', '/organization-roles/teams/{team}', 'role', 'update', '{team}'],
  ['DELETE', '/organization-roles/users/{username}', 'role', 'update', '{username}'],
  ['PUT DELETE', '/security-managers/teams/{team}', 'role', 'update', '{team}'],
  ['POST', '/teams', 'team', 'create'],
  ['PATCH DELETE', '/teams/{team}', 'team', 'update', '{team}'],
  ['PUT DELETE', '/teams/{team}/memberships/{username}', 'team', 'update', '{team}'],
  ['PUT DELETE', '/teams/{team}/repos/{owner}/{repo}', 'team', 'update', '{team}'],

  // What opens it.
  ['POST', '/hooks', 'hook', 'create'],
  ['PATCH', '/hooks/{hook_id}/**', 'hook', 'update', '{hook_id}'],
  ['POST', '/personal-access-token-requests/**', 'token', 'update'],
  ['POST', '/personal-access-tokens/**', 'token', 'update'],
  ['POST PATCH DELETE', '/private-registries/**', 'registry', 'configure'],
  // Everything there is, in one archive.
  ['POST', '/migrations', 'migration', 'create'],
  ...['actions', 'agents', 'codespaces', 'dependabot'].flatMap((product): readonly Row[] => [
    ['PUT', `/${product}/secrets/{name}`, 'secret', 'update', '{name}'],
    ['PUT', `/${product}/secrets/{name}/repositories`, 'secret', 'update', '{name}'],
    ['PUT DELETE', `/${product}/secrets/{name}/repositories/{repository_id}`, 'secret', 'update', '{name}'],
  ]),
  ...['actions', 'agents'].flatMap((product): readonly Row[] => [
    ['POST', `/${product}/variables`, 'org-variable', 'configure'],
    ['PATCH DELETE', `/${product}/variables/{name}`, 'org-variable', 'configure', '{name}'],
    ['PUT', `/${product}/variables/{name}/repositories`, 'org-variable', 'configure', '{name}'],
    ['PUT DELETE', `/${product}/variables/{name}/repositories/{repository_id}`, 'org-variable', 'configure', '{name}'],
  ]),

  // What runs, where, and with what rights.
  ['POST DELETE PUT', '/actions/oidc/**', 'oidc', 'update'],
  ['PUT', '/actions/permissions', 'actions-permissions', 'update'],
  ['PUT', '/actions/permissions/{setting}', 'actions-permissions', 'update'],
  ['PUT', '/actions/permissions/self-hosted-runners/repositories', 'actions-permissions', 'update'],
  ...['/repositories', '/self-hosted-runners/repositories'].map(
    (of): Row => ['PUT DELETE', `/actions/permissions${of}/{repository_id}`, 'actions-permissions', 'update'],
  ),
  ['POST', '/actions/hosted-runners', 'runner', 'create'],
  ['PATCH', '/actions/hosted-runners/{runner_id}', 'runner', 'update', '{runner_id}'],
  ['POST', '/actions/runner-groups', 'runner-group', 'configure'],
  ['PATCH DELETE', '/actions/runner-groups/{group_id}', 'runner-group', 'configure', '{group_id}'],
  ['PUT', '/actions/runner-groups/{group_id}/{members}', 'runner-group', 'configure', '{group_id}'],
  ['PUT DELETE', '/actions/runner-groups/{group_id}/repositories/{id}', 'runner-group', 'configure', '{group_id}'],
  ['PUT DELETE', '/actions/runner-groups/{group_id}/runners/{runner_id}', 'runner-group', 'configure', '{group_id}'],
  ['POST', '/actions/runners/generate-jitconfig', 'runner', 'create'],
  ['POST', '/actions/runners/registration-token', 'runner', 'create'],
  ['POST', '/actions/runners/remove-token', 'runner', 'create'],
  ['POST PUT DELETE', '/actions/runners/{runner_id}/labels/**', 'runner', 'update', '{runner_id}'],
  ['PUT POST DELETE', '/codespaces/access/**', 'codespace', 'configure'],
  ['POST PUT DELETE', '/copilot/**', 'copilot', 'configure'],

  // What stands in the way.
  ['POST', '/rulesets', 'ruleset', 'create'],
  ['PUT DELETE', '/rulesets/{ruleset_id}', 'ruleset', 'update', '{ruleset_id}'],
  ['PATCH', '/properties/schema', 'property', 'configure'],
  ['PUT DELETE', '/properties/schema/{name}', 'property', 'configure', '{name}'],
  ['PATCH', '/properties/values', 'property', 'configure'],
  ['POST', '/code-security/configurations', 'security', 'configure'],
  ['DELETE', '/code-security/configurations/detach', 'security', 'configure'],
  [
    'POST PUT PATCH DELETE',
    '/code-security/configurations/{configuration_id}/**',
    'security',
    'configure',
    '{configuration_id}',
  ],
  ['PATCH PUT', '/dependabot/repository-access/**', 'dependabot', 'configure'],
  ['POST PATCH DELETE', '/secret-scanning/**', 'secret-pattern', 'configure'],
]);

/**
 * Comes last: GitHub gets about a hundred new endpoints a year, and nobody
 * here knows what one of them gives away. So it passes word for word only.
 */
export const githubUnlisted: readonly HttpRule[] = [
  ...table('escalating', ORG, [['POST', '/{security_product}/{enablement}', 'security', 'configure']]),
  ...table('escalating', TOP, [
    ['POST', '/**', 'unlisted', 'post'],
    ['PUT', '/**', 'unlisted', 'put'],
    ['PATCH', '/**', 'unlisted', 'patch'],
    ['DELETE', '/**', 'unlisted', 'delete'],
  ]),
];
