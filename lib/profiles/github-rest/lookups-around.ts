import { fact, lost, moving } from '../facts';
import type { FactRule, Resolver, Step } from '../types';
import { type Names, RULESET, RUNNER, resolver, step } from './step';
import { ORG, REPO, type Root } from './table';

/*
 * What can be looked up around repositories with safe reads: organisations and
 * their settings, teams, people and packages.
 */

const org = step('org', ORG.path);
const inOrg = (as: string, path: string, more: Partial<Step> = {}): Step => step(as, ORG.path + path, more);

/** Something of an organisation: the lines of it, and whose it is. */
const ofOrg = (steps: readonly Step[], facts: readonly FactRule[], names: Names = {}): Resolver =>
  resolver([org, ...steps], [...facts, fact('Organisation', 'org.login')], names);

/** The organisation alone: what else there is stands in the path in words, or in the body. */
export const findOrg = (...facts: readonly FactRule[]): Resolver =>
  ofOrg([], [...facts, moving('Public repositories', 'org.public_repos'), fact('Founded', 'org.created_at')], {
    subject: 'org.login',
  });

const person = step('person', '/users/{username}');
const PERSON: readonly FactRule[] = [
  fact('Person', 'person.login'),
  fact('Called', 'person.name', { empty: 'no name given' }),
  fact('Account since', 'person.created_at'),
];

const repo = step('repo', REPO.path);
const team = inOrg('team', '/teams/{team}');
const TEAM: readonly FactRule[] = [
  fact('Team', 'team.name'),
  lost('People in it', 'team.members_count', { bound: false }),
  lost('Repositories it reaches', 'team.repos_count', { bound: false }),
];

const role = inOrg('role', '/organization-roles/{role_id}');
const ROLE: readonly FactRule[] = [
  fact('Role', 'role.name'),
  fact('Based on', 'role.base_role', { empty: 'none' }),
  fact('It may', 'role.permissions', { show: 'list', empty: 'nothing of its own' }),
];

export const findPerson = ofOrg([person], PERSON, { subject: 'person.login' });
export const findTeam = ofOrg([team], TEAM, { subject: 'team.name' });
export const findTeamAndPerson = ofOrg([team, person], [...PERSON, ...TEAM]);
export const findTeamAndRepo = ofOrg(
  [team, repo],
  [fact('Repository', 'repo.full_name'), fact('Who sees it', 'repo.visibility'), ...TEAM],
);
export const findRoleAndPerson = ofOrg([role, person], [...ROLE, ...PERSON]);
export const findRoleAndTeam = ofOrg([role, team], [...ROLE, ...TEAM]);

export const findMember = ofOrg(
  [inOrg('member', '/memberships/{username}')],
  [fact('Person', 'member.user.login'), fact('Is now', 'member.role'), fact('State', 'member.state')],
);

export const findOrgRuleset = ofOrg([inOrg('ruleset', '/rulesets/{ruleset_id}')], RULESET, { subject: 'ruleset.name' });
export const findOrgRunner = ofOrg([inOrg('runner', '/actions/runners/{runner_id}')], RUNNER, {
  subject: 'runner.name',
});

export const findHostedRunner = ofOrg(
  [inOrg('runner', '/actions/hosted-runners/{runner_id}')],
  [fact('Runner', 'runner.name'), fact('System', 'runner.platform'), moving('State', 'runner.status')],
  { subject: 'runner.name' },
);

export const findRunnerGroup = ofOrg(
  [inOrg('group', '/actions/runner-groups/{group_id}')],
  [
    fact('Group of runners', 'group.name'),
    fact('Which repositories use it', 'group.visibility'),
    fact('Public ones too', 'group.allows_public_repositories'),
  ],
  { subject: 'group.name' },
);

export const findRunnerInGroup = ofOrg(
  [inOrg('group', '/actions/runner-groups/{group_id}'), inOrg('runner', '/actions/runners/{runner_id}')],
  [fact('Group of runners', 'group.name'), ...RUNNER],
);

export const findRunnerImage = ofOrg(
  [inOrg('image', '/actions/hosted-runners/images/custom/{image_id}')],
  [fact('Image', 'image.name'), fact('System', 'image.platform'), lost('Versions', 'image.versions_count')],
  { subject: 'image.name' },
);

export const findRunnerImageVersion = ofOrg(
  [
    inOrg('image', '/actions/hosted-runners/images/custom/{image_id}'),
    inOrg('version', '/actions/hosted-runners/images/custom/{image_id}/versions/{version}'),
  ],
  [fact('Image', 'image.name'), fact('Version', 'version.version'), fact('Made', 'version.created_on')],
  { subject: 'version.version' },
);

export const findSecuritySetting = ofOrg(
  [inOrg('setting', '/code-security/configurations/{configuration_id}')],
  [
    fact('Security setting', 'setting.name'),
    fact('In force', 'setting.enforcement'),
    fact('Scans for secrets', 'setting.secret_scanning'),
    fact('Stops pushes with secrets', 'setting.secret_scanning_push_protection'),
    fact('Scans code', 'setting.code_scanning_default_setup'),
    fact('Warns of dependencies', 'setting.dependabot_alerts'),
  ],
  { subject: 'setting.name' },
);

export const findNetwork = ofOrg(
  [inOrg('network', '/settings/network-configurations/{network_id}')],
  [fact('Network', 'network.name')],
  { subject: 'network.name' },
);

export const findProperty = ofOrg(
  [inOrg('property', '/properties/schema/{name}')],
  [fact('Property', 'property.property_name'), fact('Its values', 'property.value_type')],
  { subject: 'property.property_name' },
);

export const findIssueType = ofOrg(
  [inOrg('type', '/issue-types', { where: ['id', 'args.issue_type_id'] })],
  [fact('Kind of issue', 'type.name'), fact('Means', 'type.description', { empty: 'nothing said' })],
  { subject: 'type.name' },
);

export const findIssueField = ofOrg(
  [inOrg('field', '/issue-fields', { where: ['id', 'args.issue_field_id'] })],
  [fact('Field of issues', 'field.name'), fact('Its values', 'field.data_type')],
  { subject: 'field.name' },
);

export const findProjectItem = (root: Root): Resolver =>
  resolver(
    [
      step('project', `${root.path}/projectsV2/{number}`),
      step('item', `${root.path}/projectsV2/{number}/items/{item_id}`),
    ],
    [fact('Project', 'project.title'), fact('Entry', 'item.content_type'), fact('Since', 'item.created_at')],
  );

const PACKAGE: readonly FactRule[] = [
  fact('Package', 'package.name'),
  fact('Kind', 'package.package_type'),
  fact('Who sees it', 'package.visibility'),
  lost('Versions of it', 'package.version_count', { bound: false }),
];

const packageAt = (root: Root): Step => step('package', `${root.path}/packages/{type}/{name}`);

export const findPackage = (root: Root): Resolver => resolver([packageAt(root)], PACKAGE, { subject: 'package.name' });

export const findPackageVersion = (root: Root): Resolver =>
  resolver(
    [packageAt(root), step('one', `${root.path}/packages/{type}/{name}/versions/{version}`)],
    [fact('Version', 'one.name'), fact('Made', 'one.created_at'), ...PACKAGE],
    { subject: 'one.name' },
  );

/** By its number, as it was once asked for. */
const ofOldTeam = (steps: readonly Step[], facts: readonly FactRule[]): Resolver =>
  resolver(
    [step('team', '/teams/{team_id}'), ...steps],
    [...facts, ...TEAM, fact('Organisation', 'team.organization.login')],
    { subject: 'team.name' },
  );

export const findOldTeam = ofOldTeam([], []);
export const findOldTeamAndPerson = ofOldTeam([person], PERSON);
export const findOldTeamAndRepo = ofOldTeam([repo], [fact('Repository', 'repo.full_name')]);

export const findOwnMembership = resolver(
  [step('own', '/user/memberships/orgs/{org}')],
  [
    fact('Organisation', 'own.organization.login'),
    fact('The token’s owner is there', 'own.role'),
    fact('State', 'own.state'),
  ],
);
