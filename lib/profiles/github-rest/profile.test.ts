import { describe, expect, test } from 'vitest';
import { classified, GITHUB_ENDPOINTS } from '#testing/provider';
import { OPERATION_CLASSES, type OperationClass } from '..';
import { githubRest } from './profile';

/*
 * The profile against every endpoint that GitHub itself publishes: its OpenAPI
 * description, as the Octokit team generates types from it.
 */

const RULES = githubRest.rules.map(([method, pattern]) => `${method} ${pattern}`);
const CATCH_GITHUB_ENDPOINTS = ['POST /**', 'PUT /**', 'PATCH /**', 'DELETE /**'];

/** Rules no published endpoint answers to, and what they are for. */
const BEYOND: Readonly<Record<string, string>> = {
  'GET /graphql': 'the other API at the same host; a GET tells its schema',
  'POST /graphql': 'the other API at the same host, which can do all that this one can',
  'GET /copilot_internal/**': 'undocumented: editors fetch a token there with a GET',
  'POST /**': 'what GitHub adds after this list',
  'PUT /**': 'what GitHub adds after this list',
  'PATCH /**': 'what GitHub adds after this list',
  'DELETE /**': 'what GitHub adds after this list',
  'GET /orgs/{org}/audit-log': 'Enterprise Cloud only, which has a description of its own',
  'GET /orgs/{org}/credential-authorizations': 'Enterprise Cloud only, which has a description of its own',
};

describe('GitHub’s profile against every endpoint GitHub publishes', () => {
  test('sees them all', () => {
    expect(GITHUB_ENDPOINTS.length).toBe(1_223);
    expect(new Set(GITHUB_ENDPOINTS.map(({ name }) => name)).size).toBe(GITHUB_ENDPOINTS.length);
  });

  test('has no dead rule: each is the first that fits some endpoint, or is known to be for something else', () => {
    const met = new Set(GITHUB_ENDPOINTS.flatMap(({ all }) => all.map(({ operation }) => operation)));
    expect(RULES.filter((rule) => !met.has(rule)).sort()).toEqual(Object.keys(BEYOND).sort());
    expect(new Set(RULES).size).toBe(RULES.length);
  });

  test('names every one of them: none is left to the rule for what is not known', () => {
    const unnamed = GITHUB_ENDPOINTS.filter(({ all }) =>
      all.some(({ operation }) => CATCH_GITHUB_ENDPOINTS.includes(operation) || !RULES.includes(operation)),
    );
    console.info(`GitHub: ${GITHUB_ENDPOINTS.length - unnamed.length} endpoints are named, ${unnamed.length} are not`);
    expect(unnamed.map(({ name }) => name)).toEqual([]);
  });

  test('these are its classes', () => {
    const counts = Object.fromEntries(
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
        method,
        Object.fromEntries(
          OPERATION_CLASSES.map((one) => [
            one,
            GITHUB_ENDPOINTS.filter((endpoint) => endpoint.method === method && endpoint.first.level === one).length,
          ]).filter(([, count]) => count !== 0),
        ),
      ]),
    );
    for (const one of OPERATION_CLASSES) {
      const of = GITHUB_ENDPOINTS.filter(({ first }) => first.level === one).length;
      console.info(`GitHub: ${of} of ${GITHUB_ENDPOINTS.length} endpoints are ${one}`);
    }
    expect(counts).toEqual({
      GET: { safe: 365, sensitive: 274 },
      POST: { write: 96, destructive: 3, escalating: 94 },
      PUT: { write: 25, escalating: 109 },
      PATCH: { write: 21, escalating: 49 },
      DELETE: { write: 26, destructive: 74, escalating: 87 },
    });
  });

  test('only reads are safe or sensitive, and every published GET is one or the other (T55)', () => {
    const isRead = (level: OperationClass): boolean => level === 'safe' || level === 'sensitive';
    const wrong = GITHUB_ENDPOINTS.filter(({ method, all }) =>
      all.some(({ level }) => isRead(level) !== (method === 'GET')),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

const SECRET_NAME =
  /secret|token|key|credential|hook|password|variable|sign|logs?(?:$|[-/ ])|archive|tarball|zipball|audit|ssh|gpg|email|invitation|migration|installation|oidc|download|billing/i;

/** Safe, though a name filter for secrets finds them. */
const READABLE: Readonly<Record<string, string>> = {
  'GET /codes_of_conduct/{key}': 'the key is the code’s short name',
  'GET /orgs/{org}/actions/permissions/artifact-and-log-retention': 'a number of days',
  'GET /orgs/{org}/docker/conflicts': 'names of packages that could not be migrated',
  'GET /repos/{owner}/{repo}/actions/permissions/artifact-and-log-retention': 'a number of days',
  'GET /repos/{owner}/{repo}/assignees': 'not “sign”, but “assign”',
  'GET /repos/{owner}/{repo}/assignees/{assignee}': 'not “sign”, but “assign”',
  'GET /repos/{owner}/{repo}/branches/{branch}/protection/required_signatures': 'whether commits must be signed',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/assignees/{assignee}': 'not “sign”, but “assign”',
  'GET /user/docker/conflicts': 'names of packages that could not be migrated',
  'GET /users/{username}/docker/conflicts': 'names of packages that could not be migrated',
  'GET /users/{username}/gpg_keys': 'public keys, which github.com/ada.gpg shows to everybody',
  'GET /users/{username}/keys': 'public keys, which github.com/ada.keys shows to everybody',
  'GET /users/{username}/ssh_signing_keys': 'public keys, shown to everybody',
};

const MINTING_NAME =
  /token|secret|key|credential|hook|member|collaborator|invit|protect|ruleset|permission|runner|role|security|approve|review|visibility|transfer|installation|access|bypass|environment|team|oidc|owner(?!\})|polic|codespace|suspend/i;

/** Below escalating, though a name filter for power finds them, by what they have in common. */
const GRANTABLE: Readonly<Record<string, readonly string[]>> = {
  'takes a way in away, and opens none': [
    'DELETE /applications/{client_id}/token',
    'POST /credentials/revoke',
    'DELETE /installation/token',
    'DELETE /orgs/{org}/hooks/{hook_id}',
    'DELETE /orgs/{org}/invitations/{invitation_id}',
    'DELETE /repos/{owner}/{repo}/hooks/{hook_id}',
    'DELETE /repos/{owner}/{repo}/invitations/{invitation_id}',
    'DELETE /repos/{owner}/{repo}/keys/{key_id}',
    'DELETE /user/gpg_keys/{gpg_key_id}',
    'DELETE /user/keys/{key_id}',
    'DELETE /user/repository_invitations/{invitation_id}',
    'DELETE /user/ssh_signing_keys/{ssh_signing_key_id}',
  ],
  'a secret is lost, and none is set': [
    ...['actions', 'agents', 'codespaces', 'dependabot'].flatMap((product) => [
      `DELETE /orgs/{org}/${product}/secrets/{secret_name}`,
      `DELETE /repos/{owner}/{repo}/${product}/secrets/{secret_name}`,
    ]),
    'DELETE /repos/{owner}/{repo}/environments/{environment_name}/secrets/{secret_name}',
    'DELETE /user/codespaces/secrets/{secret_name}',
  ],
  'a machine is lost, or stops': [
    'DELETE /orgs/{org}/actions/hosted-runners/images/custom/{image_definition_id}',
    'DELETE /orgs/{org}/actions/hosted-runners/images/custom/{image_definition_id}/versions/{version}',
    'DELETE /orgs/{org}/actions/hosted-runners/{hosted_runner_id}',
    'DELETE /orgs/{org}/actions/runners/{runner_id}',
    'DELETE /orgs/{org}/members/{username}/codespaces/{codespace_name}',
    'POST /orgs/{org}/members/{username}/codespaces/{codespace_name}/stop',
    'DELETE /repos/{owner}/{repo}/actions/runners/{runner_id}',
    'PATCH /user/codespaces/{codespace_name}',
    'DELETE /user/codespaces/{codespace_name}',
    'POST /user/codespaces/{codespace_name}/start',
    'POST /user/codespaces/{codespace_name}/stop',
  ],
  'sends again what was sent before, to where it was sent': [
    'POST /app/hook/deliveries/{delivery_id}/attempts',
    'POST /orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts',
    'POST /orgs/{org}/hooks/{hook_id}/pings',
    'POST /repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts',
    'POST /repos/{owner}/{repo}/hooks/{hook_id}/pings',
    'POST /repos/{owner}/{repo}/hooks/{hook_id}/tests',
  ],
  'plain settings that workflows read; what they say decides nobody’s rights': [
    'POST /repos/{owner}/{repo}/environments/{environment_name}/variables',
    'PATCH /repos/{owner}/{repo}/environments/{environment_name}/variables/{name}',
    'DELETE /repos/{owner}/{repo}/environments/{environment_name}/variables/{name}',
  ],
  'words of a review, and who is asked for one; none of it approves': [
    'PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}',
    'DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}',
    'POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions',
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments',
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
    'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
    'DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers',
    'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
    'DELETE /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
  ],
  'a draft, a report or a private fork; who else may see it is said in a PATCH': [
    'POST /repos/{owner}/{repo}/security-advisories',
    'POST /repos/{owner}/{repo}/security-advisories/reports',
    'POST /repos/{owner}/{repo}/security-advisories/{ghsa_id}/cve',
    'POST /repos/{owner}/{repo}/security-advisories/{ghsa_id}/forks',
  ],
  'not what the filter looks for': [
    'PUT /orgs/{org}/public_members/{username}',
    'DELETE /orgs/{org}/public_members/{username}',
    'DELETE /repos/{owner}/{repo}/actions/caches',
    'PUT /repos/{owner}/{repo}/automated-security-fixes',
    'POST /repos/{owner}/{repo}/issues/{issue_number}/suggestions/{suggestion_id}/approve',
  ],
};

describe('What never passes without a person', () => {
  const words = ({ path, id }: (typeof GITHUB_ENDPOINTS)[number]): string => `${path.replace('{owner}', '')} ${id}`;

  test('are the reads whose names speak of secrets, tokens, keys, hooks, logs and archives (T32)', () => {
    const named = GITHUB_ENDPOINTS.filter((one) => one.method === 'GET' && SECRET_NAME.test(words(one)));
    expect(named.length).toBeGreaterThanOrEqual(150);
    const safe = named.filter(({ all }) => all.some(({ level }) => level === 'safe'));
    expect(safe.map(({ name }) => name).sort()).toEqual(Object.keys(READABLE).sort());
  });

  test('and no grant covers what mints, admits, approves or unprotects (T31)', () => {
    const named = GITHUB_ENDPOINTS.filter((one) => one.method !== 'GET' && MINTING_NAME.test(words(one)));
    expect(named.length).toBeGreaterThanOrEqual(300);
    const below = named.filter(({ all }) => all.some(({ level }) => level !== 'escalating'));
    expect(below.map(({ name }) => name).sort()).toEqual(Object.values(GRANTABLE).flat().sort());
  });

  test.each([
    ['GET', '/repos/acme/site/hooks/17/deliveries/1', 'sensitive'],
    ['GET', '/repos/acme/site/actions/runs/1/logs', 'sensitive'],
    ['GET', '/repos/acme/site/actions/artifacts/1/zip', 'sensitive'],
    ['GET', '/repos/acme/site/actions/runners/downloads', 'sensitive'],
    ['GET', '/repos/acme/site/zipball/main', 'sensitive'],
    ['GET', '/repos/acme/site/dependency-graph/sbom/generate-report', 'sensitive'],
    ['GET', '/orgs/acme/audit-log', 'sensitive'],
    ['GET', '/orgs/acme/copilot/metrics/reports/users-1-day', 'sensitive'],
    ['GET', '/user/emails', 'sensitive'],
    ['POST', '/graphql', 'escalating'],
    ['GET', '/graphql', 'escalating'],
    ['GET', '/copilot_internal/v2/token', 'escalating'],
    ['POST', '/app/installations/1/access_tokens', 'escalating'],
    ['PATCH', '/repos/acme/site', 'escalating'],
    ['POST', '/repos/acme/site/actions/runners/registration-token', 'escalating'],
    ['PUT', '/repos/acme/site/actions/permissions/workflow', 'escalating'],
    ['DELETE', '/repos/acme/site/environments/production', 'escalating'],
    ['DELETE', '/repos/acme/site/environments/production/deployment_protection_rules/1', 'escalating'],
    ['DELETE', '/repos/acme/site/branches/main/protection/enforce_admins', 'escalating'],
    ['DELETE', '/repos/acme/site/branches/release/1.0/protection', 'escalating'],
    ['POST', '/repos/acme/site/git/trees', 'escalating'],
    ['POST', '/repos/acme/site/git/refs', 'escalating'],
    ['PATCH', '/repos/acme/site/git/refs/heads/main', 'escalating'],
    ['POST', '/repos/acme/site/merges', 'escalating'],
    ['PUT', '/repos/acme/site/pulls/1/merge', 'escalating'],
    ['POST', '/repos/acme/site/pulls/1/reviews', 'escalating'],
    ['POST', '/repos/acme/site/statuses/abc', 'escalating'],
    ['POST', '/repos/acme/site/releases', 'escalating'],
    ['POST', '/orgs/acme/secret_scanning/disable_all', 'escalating'],
  ])('%s %s is %s', (method, target, level) => {
    expect(classified(method, target).level).toBe(level);
  });

  test.each([
    ['POST', '/repos/acme/site/something-new'],
    ['PUT', '/repositories/17/collaborators/eve'],
    ['PATCH', '/repositories/17'],
    ['DELETE', '/scim/v2/organizations/acme/Users/1'],
    ['POST', '/orgs/acme/custom-repository-roles'],
    ['POST', '/authorizations'],
  ])('%s %s, which nobody listed, passes word for word only (T31)', (method, target) => {
    expect(classified(method, target)).toEqual({ level: 'escalating', operation: `${method} /**` });
  });

  test.each([
    'GET /repositories/17/hooks',
    'GET /repos/acme/site/something-new',
    'GET /scim/v2/organizations/acme/Users',
  ])('%s, which nobody listed, does not pass at rest (P7)', (call) => {
    const [method = '', target = ''] = call.split(' ');
    expect(classified(method, target).level).toBe('write');
  });
});
