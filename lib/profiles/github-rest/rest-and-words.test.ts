import { describe, expect, test } from 'vitest';
import { classified, GITHUB_ENDPOINTS } from '#testing/provider';
import { pairsOf } from '..';
import { githubRest } from './profile';

/* What GitHub's profile lets pass at rest and under a grant, and the words it has for it. */

describe('What GitHub itself obeys', () => {
  const CONTENTS = '/repos/acme/site/contents';

  test.each([
    '.github/workflows/ci.yml',
    '.github',
    '.github/CODEOWNERS',
    '%2Egithub/workflows/ci.yml',
    '.GitHub/workflows/ci.yml',
    '.GITHUB/workflows/ci.yml',
    '.github/workflows/ci.yml/',
    '%EF%BC%8Egithub/workflows/ci.yml',
    'CODEOWNERS',
    'codeowners',
    'CODEOWNERS/',
    'docs/CODEOWNERS',
    'Docs/CodeOwners',
    'action.yml',
    'Action.YAML',
    'deploy/action.yaml',
    'a/b/c/action.yml',
    '.devcontainer/devcontainer.json',
    '.devcontainer.json',
  ])('is not written under a grant, in whatever spelling: %s (T50)', (path) => {
    for (const method of ['PUT', 'DELETE']) expect(classified(method, `${CONTENTS}/${path}`).level).toBe('escalating');
  });

  test.each([
    '.github%2Fworkflows%2Fci.yml',
    './.github/x',
    'a/../.github/x',
    '/.github/x',
    '.github./x',
    '.%67ithub\\x',
  ])('is not reached by a path that can be read in two ways: %s (T50)', (path) => {
    expect(() => classified('PUT', `${CONTENTS}/${path}`)).toThrow(/more than one way/);
  });

  test.each(['src/index.ts', 'README.md', 'docs/owners.md', 'github/workflows/ci.yml', 'src/action.ts'])(
    'is not %s: that is code like any other',
    (path) => {
      expect(classified('PUT', `${CONTENTS}/${path}`).level).toBe('write');
    },
  );
});

/** Safe rules with an open end: what follows is a name that may have slashes in it. */
const OPEN_ENDED: Readonly<Record<string, string>> = {
  'GET /repos/{owner}/{repo}/branches/**': 'a branch, and its protection',
  'GET /repos/{owner}/{repo}/commits/**': 'a ref, and its checks, statuses, comments and pull requests',
  'GET /repos/{owner}/{repo}/compare/**': 'two refs',
  'GET /repos/{owner}/{repo}/contents/**': 'a file or folder',
  'GET /repos/{owner}/{repo}/dependency-graph/compare/**': 'two refs',
  'GET /repos/{owner}/{repo}/git/matching-refs/**': 'the beginning of a ref',
  'GET /repos/{owner}/{repo}/git/ref/**': 'a ref',
  'GET /repos/{owner}/{repo}/git/trees/**': 'a ref or hash',
  'GET /repos/{owner}/{repo}/readme/**': 'a folder',
  'GET /repos/{owner}/{repo}/releases/tags/**': 'a tag',
  'GET /repos/{owner}/{repo}/rules/branches/**': 'a branch',
};

describe('What an agent reads at rest', () => {
  test('ends openly only where a name with slashes ends it', () => {
    const open = githubRest.rules.filter(([, pattern, [level]]) => level === 'safe' && pattern.endsWith('**'));
    expect(open.map(([method, pattern]) => `${method} ${pattern}`).sort()).toEqual(Object.keys(OPEN_ENDED).sort());
  });

  test.each([
    '/user',
    '/repos/acme/site',
    '/repos/acme/.github/contents/profile/README.md',
    '/repos/acme/site/contents/.github/workflows/ci.yml?ref=next',
    '/repos/acme/site/branches/feature/x',
    '/repos/acme/site/commits/feature/x/check-runs',
    '/repos/acme/site/compare/main...feature/x',
    '/repos/acme/site/git/trees/main?recursive=1',
    '/repos/acme/site/labels/good%20first%20issue',
    '/repos/acme/site/environments/Production%20%E2%80%93%20site',
    '/repos/acme/site/collaborators/dependabot%5Bbot%5D/permission',
    '/repos/acme/site/releases/tags/@acme/site@1.0',
    '/repos/acme/site/issues/17/timeline?per_page=100',
    '/repos/acme/site/pulls/17/files',
    '/repos/acme/site/actions/runs/1/jobs',
    '/repos/acme/site/check-runs/1/annotations',
    '/search/code?q=repo:acme/site+token',
    '/orgs/acme/members',
    '/users/dependabot%5Bbot%5D',
    '/rate_limit',
  ])('takes in %s', (target) => {
    expect(classified('GET', target).level).toBe('safe');
    expect(classified('HEAD', target).level).toBe('safe');
  });

  test('takes in the call of “Test”, which is never made with more than a safe read', () => {
    expect(classified('GET', githubRest.test)).toEqual({ level: 'safe', operation: 'GET /user' });
  });
});

/** Names that say themselves what they are, and stand in the path that is shown. */
const IN_WORDS: Readonly<Record<string, string>> = {
  'DELETE /orgs/{org}/actions/oidc/customization/properties/repo/{custom_property_name}': 'a property’s own name',
  'DELETE /orgs/{org}/actions/runners/{runner_id}/labels/{name}': 'a label’s own name',
  'DELETE /repos/{owner}/{repo}/actions/runners/{runner_id}/labels/{name}': 'a label’s own name',
};

describe('A look-up', () => {
  test('speaks for no path with a name in it that it never captured', () => {
    const names = (text: string): number => text.match(/\{[^}]+\}/g)?.length ?? 0;
    const looked = GITHUB_ENDPOINTS.filter(({ resolver }) => resolver !== null);
    expect(looked.length).toBeGreaterThanOrEqual(200);
    const short = looked.filter(({ path, resolver }) => names(path) > names(resolver ?? ''));
    expect(short.map(({ name }) => name).sort()).toEqual(Object.keys(IN_WORDS).sort());
  });
});

describe('The words of a grant', () => {
  test('stand for one class each: what is harmless never brings along what is not', () => {
    const classes = new Map<string, string[]>();
    for (const { resource, verb, class: klass } of pairsOf(githubRest)) {
      const key = `${resource}: ${verb}`;
      classes.set(key, [...(classes.get(key) ?? []), klass]);
    }
    expect([...classes].filter(([, all]) => all.length > 1)).toEqual([]);
  });

  test('are plain: kinds and verbs in lower case, with hyphens', () => {
    for (const { resource, verb } of pairsOf(githubRest)) {
      expect(resource).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
      expect(verb).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
    }
  });

  test('a read is called read, and nothing else is', () => {
    const reads = pairsOf(githubRest).filter(({ class: klass }) => klass === 'safe' || klass === 'sensitive');
    expect(new Set(reads.map(({ verb }) => verb))).toEqual(new Set(['read']));
    expect(pairsOf(githubRest).filter(({ verb }) => verb === 'read')).toEqual(reads);
  });

  test('name the thing by what stands in the path, and by nothing that does not', () => {
    for (const [method, pattern, [, , , id = '']] of githubRest.rules)
      for (const [, name = ''] of id.matchAll(/\{(\w+)\}/g))
        expect(pattern, `${method} ${pattern}`).toContain(`{${name}}`);
  });
});
