import { fact, lost, moving } from '../facts';
import type { FactRule, Resolver, Step } from '../types';
import { type Names, RULESET, RUNNER, resolver, step } from './step';
import { REPO } from './table';

/*
 * What can be looked up in a repository with safe reads: one `find…` for each
 * kind of thing, and its lines. Lists are read whole or not at all: GitHub says
 * in a header whether there is more, and no header is read here.
 */

const repo = step('repo', REPO.path);
const inRepo = (as: string, path: string, more: Partial<Step> = {}): Step => step(as, REPO.path + path, more);

/** Something in a repository: the lines of it, and whose it is. */
const ofRepo = (steps: readonly Step[], facts: readonly FactRule[], names: Names = {}): Resolver =>
  resolver([repo, ...steps], [...facts, fact('Repository', 'repo.full_name')], names);

const REPOSITORY: readonly FactRule[] = [
  fact('Who sees it', 'repo.visibility'),
  fact('Default branch', 'repo.default_branch'),
  fact('Archived', 'repo.archived'),
  moving('Last push', 'repo.pushed_at', { empty: 'never' }),
];

/** The repository alone: what else there is stands in the path in words, or in the body. */
export const findRepo = (...facts: readonly FactRule[]): Resolver =>
  ofRepo([], [...facts, ...REPOSITORY], { subject: 'repo.full_name' });

export const findLostRepo = findRepo(
  lost('Size', 'repo.size', { bound: false, unit: 'kB' }),
  lost('Open issues and pull requests', 'repo.open_issues_count', { bound: false }),
  moving('Stars', 'repo.stargazers_count'),
  moving('Forks', 'repo.forks_count'),
);

export const findBranch = (name: string): Resolver =>
  ofRepo(
    [inRepo('branch', `/branches/${name}`)],
    [
      fact('Branch', 'branch.name'),
      fact('Protected', 'branch.protected'),
      fact('Its last commit', 'branch.commit.sha'),
      fact('By', 'branch.commit.commit.author.name', { empty: 'nobody named' }),
      fact('Default branch of the repository', 'repo.default_branch'),
    ],
    { subject: 'branch.name' },
  );

export const findTag = (name: string): Resolver =>
  ofRepo([inRepo('tag', `/git/ref/tags/${name}`)], [fact('Tag', 'tag.ref'), fact('Points to', 'tag.object.sha')], {
    subject: 'tag.ref',
  });

export const findCommit = ofRepo(
  [inRepo('commit', '/commits/{sha}')],
  [
    fact('Commit', 'commit.sha'),
    fact('What it says', 'commit.commit.message'),
    fact('By', 'commit.commit.author.name', { empty: 'nobody named' }),
  ],
);

const pull = inRepo('pull', '/pulls/{number}');
const PULL: readonly FactRule[] = [
  fact('Pull request', 'pull.title'),
  fact('By', 'pull.user.login'),
  fact('State', 'pull.state'),
  fact('From', 'pull.head.label'),
  fact('Into', 'pull.base.ref'),
  // Another commit was pushed: another change than the one that was read.
  fact('Up to commit', 'pull.head.sha'),
  moving('Commits', 'pull.commits'),
  moving('Files changed', 'pull.changed_files'),
  moving('Whether it can be merged', 'pull.mergeable_state'),
];

export const findPull = ofRepo([pull], PULL);

export const findReview = ofRepo(
  [pull, inRepo('review', '/pulls/{number}/reviews/{review_id}')],
  [
    fact('Review by', 'review.user.login', { empty: 'nobody named' }),
    fact('It says', 'review.state'),
    fact('In the words', 'review.body', { empty: 'none' }),
    ...PULL,
  ],
);

export const findRelease = ofRepo(
  [inRepo('release', '/releases/{release_id}')],
  [
    fact('Release', 'release.tag_name'),
    fact('Published', 'release.published_at', { empty: 'a draft' }),
    lost('Files that belong to it', 'release.assets[].name'),
  ],
  { subject: 'release.tag_name' },
);

export const findAsset = ofRepo(
  [inRepo('asset', '/releases/assets/{asset_id}')],
  [
    fact('File', 'asset.name'),
    fact('Size', 'asset.size', { unit: 'bytes' }),
    moving('Downloads', 'asset.download_count'),
  ],
  { subject: 'asset.name' },
);

const place = inRepo('place', '/environments/{environment}');

/** What of an environment belongs to the operation comes first: a secret’s name, for one. */
export const findEnvironment = (...facts: readonly FactRule[]): Resolver =>
  ofRepo(
    [place],
    [
      ...facts,
      fact('Environment', 'place.name'),
      lost('Protections it has', 'place.protection_rules[].type'),
      fact('From protected branches only', 'place.deployment_branch_policy.protected_branches', {
        empty: 'no: from any branch',
      }),
    ],
    { subject: 'place.name', environment: 'place.name' },
  );

export const findBranchPolicy = ofRepo(
  [place, inRepo('policy', '/environments/{environment}/deployment-branch-policies/{policy_id}')],
  [fact('Environment', 'place.name'), fact('Lets deploy what is called', 'policy.name')],
  { environment: 'place.name' },
);

export const findGate = ofRepo(
  [place, inRepo('gate', '/environments/{environment}/deployment_protection_rules/{rule_id}')],
  [fact('Environment', 'place.name'), lost('Protection by the app', 'gate.app.slug'), fact('In force', 'gate.enabled')],
  { environment: 'place.name' },
);

export const findDeployment = ofRepo(
  [inRepo('deployment', '/deployments/{deployment_id}')],
  [
    fact('Deployment of', 'deployment.ref'),
    fact('Commit', 'deployment.sha'),
    fact('To', 'deployment.environment'),
    fact('By', 'deployment.creator.login', { empty: 'nobody named' }),
  ],
  { environment: 'deployment.environment' },
);

const run = inRepo('run', '/actions/runs/{run_id}');
const RUN: readonly FactRule[] = [
  fact('Run of', 'run.name', { empty: 'a workflow without a name' }),
  fact('Title', 'run.display_title'),
  fact('Started by', 'run.event'),
  fact('Code of', 'run.head_repository.full_name'),
  fact('Branch', 'run.head_branch', { empty: 'none' }),
  fact('Commit', 'run.head_sha'),
  moving('Ended as', 'run.conclusion', { empty: 'it has not ended' }),
];

export const findRun = ofRepo([run], RUN);

/** Where a run waits to deploy to. */
export const findWaitingRun = ofRepo(
  [run, inRepo('waiting', '/actions/runs/{run_id}/pending_deployments')],
  [fact('Waits to deploy to', 'waiting.environment.name', { show: 'list' }), ...RUN],
  { environment: 'waiting.environment.name' },
);

export const findJob = ofRepo(
  [inRepo('job', '/actions/jobs/{job_id}')],
  [
    fact('Job', 'job.name'),
    fact('Workflow', 'job.workflow_name', { empty: 'without a name' }),
    fact('Commit', 'job.head_sha'),
  ],
);

export const findArtifact = ofRepo(
  [inRepo('artifact', '/actions/artifacts/{artifact_id}')],
  [
    fact('Artifact', 'artifact.name'),
    fact('Size', 'artifact.size_in_bytes', { unit: 'bytes' }),
    fact('Made', 'artifact.created_at', { empty: 'nobody knows when' }),
  ],
  { subject: 'artifact.name' },
);

export const findCache = ofRepo(
  [inRepo('cache', '/actions/caches?per_page=100', { take: 'actions_caches', where: ['id', 'args.cache_id'] })],
  [
    fact('Cache', 'cache.key'),
    fact('Of', 'cache.ref'),
    moving('Size', 'cache.size_in_bytes', { unit: 'bytes' }),
    moving('Last used', 'cache.last_accessed_at'),
  ],
);

export const findWorkflow = ofRepo(
  [inRepo('workflow', '/actions/workflows/{workflow}')],
  [fact('Workflow', 'workflow.name'), fact('File', 'workflow.path'), fact('State', 'workflow.state')],
);

export const findCheck = ofRepo(
  [inRepo('check', '/check-runs/{check_run_id}')],
  [
    fact('Check', 'check.name'),
    fact('Of the app', 'check.app.name', { empty: 'none' }),
    fact('Commit', 'check.head_sha'),
    fact('It says', 'check.conclusion', { empty: 'nothing yet' }),
  ],
);

export const findComment = (path: string): Resolver =>
  ofRepo(
    [inRepo('comment', path)],
    [
      fact('By', 'comment.user.login', { empty: 'nobody named' }),
      fact('Written', 'comment.created_at'),
      lost('What it says', 'comment.body'),
    ],
  );

export const findLabel = ofRepo(
  [inRepo('label', '/labels/{name}')],
  [fact('Label', 'label.name'), fact('Means', 'label.description', { empty: 'nothing said' })],
  { subject: 'label.name' },
);

export const findMilestone = ofRepo(
  [inRepo('milestone', '/milestones/{number}')],
  [
    fact('Milestone', 'milestone.title'),
    fact('State', 'milestone.state'),
    lost('Open issues in it', 'milestone.open_issues', { bound: false }),
    lost('Closed issues in it', 'milestone.closed_issues', { bound: false }),
  ],
  { subject: 'milestone.title' },
);

export const findAutolink = ofRepo(
  [inRepo('autolink', '/autolinks/{autolink_id}')],
  [fact('Makes links of', 'autolink.key_prefix'), fact('Leading to', 'autolink.url_template')],
);

export const findPages = ofRepo(
  [inRepo('pages', '/pages')],
  [
    fact('Site', 'pages.html_url'),
    fact('Own domain', 'pages.cname', { empty: 'none' }),
    fact('Everybody sees it', 'pages.public'),
  ],
  { subject: 'repo.full_name' },
);

export const findCollaborator = ofRepo(
  [inRepo('now', '/collaborators/{username}/permission')],
  [
    fact('Person', 'now.user.login'),
    fact('May now', 'now.role_name'),
    fact('Who sees the repository', 'repo.visibility'),
  ],
);

export const findRuleset = ofRepo([inRepo('ruleset', '/rulesets/{ruleset_id}')], RULESET, { subject: 'ruleset.name' });
export const findRunner = ofRepo([inRepo('runner', '/actions/runners/{runner_id}')], RUNNER, {
  subject: 'runner.name',
});
