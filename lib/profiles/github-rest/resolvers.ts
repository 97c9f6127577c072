import { fact } from '../facts';
import type { Resolver } from '../types';
import * as here from './lookups';
import * as around from './lookups-around';
import { OBEYED } from './operations/escalating';
import { BRANCH_NAMES, ORG, REPO, type Root, SELF, TAG_NAMES, TOP, USER } from './table';

/*
 * Which look-up belongs to which operation. Hooks, deploy keys, alerts,
 * invitations and all else whose read is not safe are not looked up: the page
 * says UNKNOWN.
 */

type Row = readonly [methods: string, path: string, resolver: Resolver];
type Entry = readonly [operation: string, resolver: Resolver];

const on = (root: Root, rows: readonly Row[]): readonly Entry[] =>
  rows.flatMap(([methods, path, resolver]) =>
    methods.split(' ').map((method): Entry => [`${method} ${root.path}${path}`, resolver]),
  );

const secret = fact('Secret', 'args.name');
const variable = fact('Variable', 'args.name');

const repository = on(REPO, [
  ['DELETE', '', here.findLostRepo],
  ['PATCH', '', here.findRepo()],
  ['POST', '/generate', here.findRepo()],
  ['POST', '/transfer', here.findRepo()],
  ['PUT PATCH DELETE', '/import', here.findRepo()],
  ['PATCH', '/import/lfs', here.findRepo()],
  ['PATCH', '/properties/values', here.findRepo()],
  ['PUT DELETE', '/collaborators/{username}', here.findCollaborator],
  ['POST', '/keys', here.findRepo()],
  ['POST', '/hooks', here.findRepo()],
  ['PUT PATCH DELETE', '/interaction-limits/**', here.findRepo()],
  ['POST', '/rulesets', here.findRepo()],
  ['PUT DELETE', '/rulesets/{ruleset_id}', here.findRuleset],
  ['DELETE', '/immutable-releases', here.findRepo()],
  ['DELETE', '/automated-security-fixes', here.findRepo()],
  ['DELETE', '/private-vulnerability-reporting', here.findRepo()],
  ['DELETE', '/vulnerability-alerts', here.findRepo()],
  ['PATCH', '/code-quality/setup', here.findRepo()],
  ['PATCH', '/code-scanning/default-setup', here.findRepo()],
  ['POST', '/code-scanning/sarifs', here.findRepo()],
  ['POST', '/dependency-graph/snapshots', here.findRepo()],
  ['POST', '/secret-scanning/push-protection-bypasses', here.findRepo()],
  ['POST PUT', '/pages', here.findRepo()],
  ['DELETE', '/pages', here.findPages],
  ['DELETE', '/autolinks/{autolink_id}', here.findAutolink],
]);

const code = on(REPO, [
  ...BRANCH_NAMES.flatMap((name): readonly Row[] => [
    ['POST PUT PATCH DELETE', `/branches/${name}/protection/**`, here.findBranch(name)],
    ['POST', `/branches/${name}/rename`, here.findBranch(name)],
    ['PATCH DELETE', `/git/refs/heads/${name}`, here.findBranch(name)],
  ]),
  ...OBEYED.map((path): Row => ['PUT DELETE', `/contents/${path}`, here.findRepo()]),
  ...TAG_NAMES.map((name): Row => ['PATCH DELETE', `/git/refs/tags/${name}`, here.findTag(name)]),
  ['POST', '/git/trees', here.findRepo()],
  ['POST', '/git/refs', here.findRepo()],
  ['POST', '/merges', here.findRepo()],
  ['POST', '/merge-upstream', here.findRepo()],
  ['PUT', '/pulls/{number}/merge', here.findPull],
  ['PUT', '/pulls/{number}/merge-async', here.findPull],
  ['PATCH', '/pulls/{number}', here.findPull],
  ['POST', '/pulls/{number}/codespaces', here.findPull],
  ['POST', '/pulls/{number}/reviews', here.findPull],
  ['POST', '/pulls/{number}/reviews/{review_id}/events', here.findReview],
  ['PUT', '/pulls/{number}/reviews/{review_id}/dismissals', here.findReview],
  ['DELETE', '/pulls/{number}/reviews/{review_id}', here.findReview],
  ['POST', '/releases', here.findRepo()],
  ['PATCH DELETE', '/releases/{release_id}', here.findRelease],
  ['DELETE', '/releases/assets/{asset_id}', here.findAsset],
  ['POST', '/statuses/{sha}', here.findCommit],
  ['POST', '/check-runs', here.findRepo()],
  ['PATCH', '/check-runs/{check_run_id}', here.findCheck],
  ['PATCH', '/check-suites/preferences', here.findRepo()],
  ['POST', '/deployments', here.findRepo()],
  ['DELETE', '/deployments/{deployment_id}', here.findDeployment],
  ['POST', '/deployments/{deployment_id}/statuses', here.findDeployment],
]);

const runs = on(REPO, [
  ...['actions', 'agents', 'codespaces', 'dependabot'].map(
    (product): Row => ['PUT DELETE', `/${product}/secrets/{name}`, here.findRepo(secret)],
  ),
  ...['actions', 'agents'].map(
    (product): Row => ['PATCH DELETE', `/${product}/variables/{name}`, here.findRepo(variable)],
  ),
  ['PUT', '/actions/cache/{limit}', here.findRepo()],
  ['PUT', '/actions/oidc/**', here.findRepo()],
  ['PUT', '/actions/permissions/**', here.findRepo()],
  ['POST', '/actions/runners/generate-jitconfig', here.findRepo()],
  ['POST', '/actions/runners/registration-token', here.findRepo()],
  ['POST', '/actions/runners/remove-token', here.findRepo()],
  ['POST PUT DELETE', '/actions/runners/{runner_id}/labels/**', here.findRunner],
  ['DELETE', '/actions/runners/{runner_id}', here.findRunner],
  ['POST', '/actions/runs/{run_id}/approve', here.findRun],
  ['POST', '/actions/runs/{run_id}/deployment_protection_rule', here.findWaitingRun],
  ['POST', '/actions/runs/{run_id}/pending_deployments', here.findWaitingRun],
  ['POST', '/actions/runs/{run_id}/cancel', here.findRun],
  ['POST', '/actions/runs/{run_id}/rerun', here.findRun],
  ['DELETE', '/actions/runs/{run_id}', here.findRun],
  ['DELETE', '/actions/runs/{run_id}/logs', here.findRun],
  ['POST', '/actions/jobs/{job_id}/rerun', here.findJob],
  ['DELETE', '/actions/artifacts/{artifact_id}', here.findArtifact],
  ['DELETE', '/actions/caches/{cache_id}', here.findCache],
  ['PUT', '/actions/workflows/{workflow}/disable', here.findWorkflow],
  ['PUT', '/actions/workflows/{workflow}/enable', here.findWorkflow],
  ['POST', '/actions/workflows/{workflow}/dispatches', here.findWorkflow],
  ['POST', '/codespaces', here.findRepo()],
  ['PUT DELETE', '/environments/{environment}', here.findEnvironment()],
  ['POST', '/environments/{environment}/deployment-branch-policies', here.findEnvironment()],
  ['PUT DELETE', '/environments/{environment}/deployment-branch-policies/{policy_id}', here.findBranchPolicy],
  ['POST', '/environments/{environment}/deployment_protection_rules', here.findEnvironment()],
  ['DELETE', '/environments/{environment}/deployment_protection_rules/{rule_id}', here.findGate],
  ['PUT DELETE', '/environments/{environment}/secrets/{name}', here.findEnvironment(secret)],
  ['PATCH DELETE', '/environments/{environment}/variables/{name}', here.findEnvironment(variable)],
]);

const words = on(REPO, [
  ['DELETE', '/comments/{comment_id}', here.findComment('/comments/{comment_id}')],
  ['DELETE', '/issues/comments/{comment_id}', here.findComment('/issues/comments/{comment_id}')],
  ['DELETE', '/pulls/comments/{comment_id}', here.findComment('/pulls/comments/{comment_id}')],
  ['DELETE', '/labels/{name}', here.findLabel],
  ['DELETE', '/milestones/{number}', here.findMilestone],
]);

const organization = on(ORG, [
  ['PATCH DELETE', '', around.findOrg()],
  ['PUT DELETE', '/blocks/{username}', around.findPerson],
  ['PUT PATCH DELETE', '/interaction-limits/**', around.findOrg()],
  ['PUT', '/settings/immutable-releases', around.findOrg()],
  ['PUT', '/settings/immutable-releases/repositories', around.findOrg()],
  ['POST', '/settings/network-configurations', around.findOrg()],
  ['PATCH DELETE', '/settings/network-configurations/{network_id}', around.findNetwork],
  ['POST', '/invitations', around.findOrg()],
  ['DELETE', '/members/{username}', around.findMember],
  ['DELETE', '/memberships/{username}', around.findMember],
  ['PUT', '/memberships/{username}', around.findPerson],
  ['PUT DELETE', '/outside_collaborators/{username}', around.findPerson],
  ['PUT DELETE', '/organization-roles/teams/{team}/{role_id}', around.findRoleAndTeam],
  ['PUT DELETE', '/organization-roles/users/{username}/{role_id}', around.findRoleAndPerson],
  ['DELETE', '/organization-roles/teams/{team}', around.findTeam],
  ['DELETE', '/organization-roles/users/{username}', around.findPerson],
  ['PUT DELETE', '/security-managers/teams/{team}', around.findTeam],
  ['POST', '/teams', around.findOrg()],
  ['PATCH DELETE', '/teams/{team}', around.findTeam],
  ['PUT DELETE', '/teams/{team}/memberships/{username}', around.findTeamAndPerson],
  ['PUT DELETE', '/teams/{team}/repos/{owner}/{repo}', around.findTeamAndRepo],
  ['POST', '/hooks', around.findOrg()],
  ['POST', '/migrations', around.findOrg()],
  ...['actions', 'agents', 'codespaces', 'dependabot'].flatMap((product): readonly Row[] => [
    ['PUT DELETE', `/${product}/secrets/{name}`, around.findOrg(secret)],
    ['PUT', `/${product}/secrets/{name}/repositories`, around.findOrg(secret)],
  ]),
  ...['actions', 'agents'].flatMap((product): readonly Row[] => [
    ['POST', `/${product}/variables`, around.findOrg()],
    ['PATCH DELETE', `/${product}/variables/{name}`, around.findOrg(variable)],
    ['PUT', `/${product}/variables/{name}/repositories`, around.findOrg(variable)],
  ]),
  ['POST PUT DELETE', '/actions/oidc/**', around.findOrg()],
  ['PUT', '/actions/permissions', around.findOrg()],
  ['PUT', '/actions/permissions/{setting}', around.findOrg()],
  ['PUT', '/actions/permissions/self-hosted-runners/repositories', around.findOrg()],
  ['POST', '/actions/hosted-runners', around.findOrg()],
  ['PATCH DELETE', '/actions/hosted-runners/{runner_id}', around.findHostedRunner],
  ['DELETE', '/actions/hosted-runners/images/custom/{image_id}', around.findRunnerImage],
  ['DELETE', '/actions/hosted-runners/images/custom/{image_id}/versions/{version}', around.findRunnerImageVersion],
  ['POST', '/actions/runner-groups', around.findOrg()],
  ['PATCH DELETE', '/actions/runner-groups/{group_id}', around.findRunnerGroup],
  ['PUT', '/actions/runner-groups/{group_id}/{members}', around.findRunnerGroup],
  ['PUT DELETE', '/actions/runner-groups/{group_id}/runners/{runner_id}', around.findRunnerInGroup],
  ['POST', '/actions/runners/generate-jitconfig', around.findOrg()],
  ['POST', '/actions/runners/registration-token', around.findOrg()],
  ['POST', '/actions/runners/remove-token', around.findOrg()],
  ['POST PUT DELETE', '/actions/runners/{runner_id}/labels/**', around.findOrgRunner],
  ['DELETE', '/actions/runners/{runner_id}', around.findOrgRunner],
  ['POST', '/rulesets', around.findOrg()],
  ['PUT DELETE', '/rulesets/{ruleset_id}', around.findOrgRuleset],
  ['PATCH', '/properties/schema', around.findOrg()],
  ['PUT DELETE', '/properties/schema/{name}', around.findProperty],
  ['PATCH', '/properties/values', around.findOrg()],
  ['PUT POST DELETE', '/codespaces/access/**', around.findOrg()],
  ['PUT PATCH', '/dependabot/repository-access/**', around.findOrg()],
  ['DELETE', '/code-security/configurations/detach', around.findOrg()],
  ['POST', '/{security_product}/{enablement}', around.findOrg()],
  ['POST', '/code-security/configurations', around.findOrg()],
  ['POST PUT PATCH DELETE', '/code-security/configurations/{configuration_id}/**', around.findSecuritySetting],
  ['DELETE', '/issue-types/{issue_type_id}', around.findIssueType],
  ['DELETE', '/issue-fields/{issue_field_id}', around.findIssueField],
]);

const packages = [ORG, SELF, USER].flatMap((root) =>
  on(root, [
    ['DELETE', '/packages/{type}/{name}', around.findPackage(root)],
    ['DELETE', '/packages/{type}/{name}/versions/{version}', around.findPackageVersion(root)],
  ]),
);

const projects = [ORG, USER].flatMap((root) =>
  on(root, [['DELETE', '/projectsV2/{number}/items/{item_id}', around.findProjectItem(root)]]),
);

const everywhere = on(TOP, [
  ['POST', '/agents/repos/{owner}/{repo}/tasks', here.findRepo()],
  ['PATCH DELETE', '/teams/{team_id}', around.findOldTeam],
  ['PUT DELETE', '/teams/{team_id}/members/{username}', around.findOldTeamAndPerson],
  ['PUT DELETE', '/teams/{team_id}/memberships/{username}', around.findOldTeamAndPerson],
  ['PUT DELETE', '/teams/{team_id}/repos/{owner}/{repo}', around.findOldTeamAndRepo],
  ['PATCH', '/user/memberships/orgs/{org}', around.findOwnMembership],
]);

/** What the names in a path stand for, looked up at GitHub itself. What a body would change stands in the body. */
export const githubResolvers: Readonly<Record<string, Resolver>> = Object.fromEntries([
  ...repository,
  ...code,
  ...runs,
  ...words,
  ...organization,
  ...packages,
  ...projects,
  ...everywhere,
]);
