import type { HttpRule } from '../../types';
import { ORG, REPO, reads, SELF, TOP, USER } from '../table';

/*
 * What opens something else, or is told to few: hooks and their secrets, names
 * of secrets, variables, logs, what scanners found, archives and reports that
 * are answered by a link with a token in it, bills, other people’s addresses.
 */

const repository = reads('sensitive', REPO, [
  ['/actions/artifacts/{artifact_id}/{format}', 'artifact-file', '{artifact_id}'],
  ['/actions/jobs/{job_id}/logs', 'log'],
  ['/actions/oidc/**', 'oidc'],
  ['/actions/organization-secrets', 'secret'],
  ['/actions/organization-variables', 'variable'],
  // They come with a token to fetch them with.
  ['/actions/runners/downloads', 'runner-token'],
  ['/actions/runs/{run_id}/attempts/{attempt}/logs', 'log', '{run_id}'],
  ['/actions/runs/{run_id}/logs', 'log', '{run_id}'],
  ['/actions/secrets/**', 'secret'],
  ['/actions/variables/**', 'variable'],
  ['/agents/organization-secrets', 'secret'],
  ['/agents/organization-variables', 'variable'],
  ['/agents/secrets/**', 'secret'],
  ['/agents/variables/**', 'variable'],
  ['/attestations/**', 'attestation'],
  ['/code-quality/**', 'code-alert'],
  ['/code-scanning/**', 'code-alert'],
  ['/codespaces/**', 'codespace'],
  // The servers it may speak to, and what it sends them.
  ['/copilot/**', 'copilot'],
  ['/dependabot/**', 'dependabot'],
  // The one orders a report, the other is answered with a link to it.
  ['/dependency-graph/sbom/generate-report', 'dependency-report'],
  ['/dependency-graph/sbom/fetch-report/{report_id}', 'dependency-report'],
  ['/environments/{environment}/deployment_protection_rules/apps', 'installation'],
  ['/environments/{environment}/secrets/**', 'secret'],
  ['/environments/{environment}/variables/**', 'variable'],
  ['/hooks/**', 'hook'],
  ['/import/**', 'import'],
  ['/installation', 'installation'],
  ['/invitations', 'invitation'],
  ['/keys/**', 'deploy-key'],
  ['/notifications', 'notification'],
  ['/secret-scanning/**', 'secret-alert'],
  ['/security-advisories/**', 'advisory'],
  ['/tarball/**', 'archive'],
  ['/zipball/**', 'archive'],
]);

const organization = reads('sensitive', ORG, [
  ['/actions/oidc/**', 'oidc'],
  ['/actions/runners/downloads', 'runner-token'],
  ['/actions/secrets/**', 'secret'],
  ['/actions/variables/**', 'variable'],
  ['/agents/secrets/**', 'secret'],
  ['/agents/variables/**', 'variable'],
  ['/artifacts/**', 'artifact-record'],
  ['/attestations/**', 'attestation'],
  ['/audit-log', 'audit-log'],
  ['/blocks/**', 'block'],
  ['/campaigns/**', 'campaign'],
  ['/code-scanning/**', 'code-alert'],
  ['/codespaces/**', 'codespace'],
  ['/copilot-spaces/**', 'copilot-space'],
  ['/copilot/**', 'copilot'],
  ['/credential-authorizations', 'credential'],
  ['/dependabot/**', 'dependabot'],
  ['/failed_invitations', 'invitation'],
  ['/hooks/**', 'hook'],
  ['/insights/**', 'insight'],
  ['/installation', 'installation'],
  ['/installations', 'installation'],
  ['/invitations/**', 'invitation'],
  ['/members/{username}/codespaces', 'codespace'],
  ['/members/{username}/copilot', 'copilot'],
  ['/migrations/**', 'migration'],
  ['/personal-access-token-requests/**', 'token'],
  ['/personal-access-tokens/**', 'token'],
  ['/private-registries/**', 'registry'],
  ['/secret-scanning/**', 'secret-alert'],
  ['/security-advisories', 'advisory'],
  ['/teams/{team}/invitations', 'invitation'],
]);

const self = reads('sensitive', SELF, [
  ['/blocks/**', 'block'],
  ['/codespaces/**', 'codespace'],
  ['/emails', 'email'],
  ['/gpg_keys/**', 'account-key'],
  ['/installations/**', 'installation'],
  ['/keys/**', 'account-key'],
  ['/marketplace_purchases/**', 'billing'],
  ['/migrations/**', 'migration'],
  ['/public_emails', 'email'],
  ['/repository_invitations', 'invitation'],
  ['/ssh_signing_keys/**', 'account-key'],
]);

const others = reads('sensitive', USER, [
  ['/attestations/**', 'attestation'],
  ['/copilot-spaces/**', 'copilot-space'],
  ['/gists', 'gist'],
  ['/installation', 'installation'],
  ['/settings/billing/**', 'billing'],
]);

const everywhere = reads('sensitive', TOP, [
  ['/app/**', 'app'],
  ['/assignments/**', 'classroom'],
  ['/classrooms/**', 'classroom'],
  ['/enterprises/{enterprise}/**', 'enterprise', '{enterprise}'],
  // Its addresses carry tokens.
  ['/feeds', 'feed'],
  // Whoever has the address of a secret one has it.
  ['/gists/**', 'gist'],
  ['/installation/**', 'installation'],
  ['/marketplace_listing/**', 'billing'],
  ['/notifications/**', 'notification'],
  ['/organizations/{org}/**', 'org-setting', '{org}'],
  ['/teams/{team_id}/invitations', 'invitation'],
]);

export const githubSensitive: readonly HttpRule[] = [...repository, ...organization, ...self, ...others, ...everywhere];
