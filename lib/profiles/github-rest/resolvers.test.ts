import { describe, expect, test } from 'vitest';
import { classifyHttp } from '#gateway/classify';
import { resolveInTime } from '#gateway/resolve';
import type { Json } from '#lib/core';
import { GITHUB_ANSWERS } from '#testing/provider';
import type { Resolver } from '..';
import { githubRest } from './profile';

const REPO = '/repos/{owner}/{repo}';
const ORG = '/orgs/{org}';
const RESOLVERS = Object.entries(githubRest.resolvers);
const RULES = new Map(githubRest.rules.map(([method, pattern, rule]) => [`${method} ${pattern}`, rule]));
const READS = [...new Set(RESOLVERS.flatMap(([, { steps }]) => steps.map(({ read }) => read)))];
const namesIn = (text: string): readonly string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Of every name in a path, something that may stand there. */
const argsOf = (operation: string): { [name: string]: string } =>
  Object.fromEntries(namesIn(operation).map((name) => [name, name === 'owner' ? 'acme' : '17']));

const seenBy = (resolver: Resolver, operation: string, answers = GITHUB_ANSWERS) =>
  resolveInTime(resolver, argsOf(operation), async (read) => {
    if (!Object.hasOwn(answers, read)) throw new Error(`nobody asked for ${read}`);
    return answers[read] as Json;
  });

/** Folders of a file, and names of GitHub’s own settings: they say themselves what they are. */
const PLAIN_WORDS = ['a', 'b', 'c', 'limit', 'setting', 'members', 'security_product', 'enablement'];

describe('What GitHub’s profile looks up', () => {
  test('belongs to operations it names', () => {
    expect(RESOLVERS.filter(([operation]) => !RULES.has(operation)).map(([operation]) => operation)).toEqual([]);
  });

  test('belongs to what changes something: a read that passes at rest needs no look', () => {
    const idle = RESOLVERS.filter(([operation]) => ['safe', 'sensitive'].includes(RULES.get(operation)?.[0] ?? ''));
    expect(idle).toEqual([]);
  });

  test('rests on nothing but what the operation’s own path captured', () => {
    for (const [operation, { steps, facts }] of RESOLVERS) {
      const paths = [
        ...steps.flatMap(({ variables, where }) => [...Object.values(variables), ...(where?.slice(1) ?? [])]),
        ...facts.map(({ path }) => path),
      ];
      for (const path of paths)
        if (path.startsWith('args.')) expect(namesIn(operation), operation).toContain(path.slice('args.'.length));
    }
  });

  test('leaves no name of that path aside: each is looked up or shown, or is plain words', () => {
    for (const [operation, { steps, facts }] of RESOLVERS) {
      const used = [
        ...steps.flatMap(({ variables, where }) => [...Object.values(variables), ...(where?.slice(1) ?? [])]),
        ...facts.map(({ path }) => path),
      ];
      const idle = namesIn(operation).filter((name) => !used.includes(`args.${name}`) && !PLAIN_WORDS.includes(name));
      expect(idle, operation).toEqual([]);
    }
  });

  test('has every line of a name once', () => {
    for (const [operation, { facts }] of RESOLVERS)
      expect(new Set(facts.map(({ label }) => label)).size, operation).toBe(facts.length);
  });

  test.each(READS)('reads %s, which is safe by the profile itself (T32)', (read) => {
    const target = read.replace(/\{(\w+)\}/g, '17');
    const call = { method: 'GET', target, headers: new Map<string, string>() };
    const { class: klass, acts } = classifyHttp({ profile: githubRest, opens: [], closes: [], call });
    expect(klass).toBe('safe');
    expect(RULES.has(acts[0]?.operation ?? '')).toBe(true);
  });

  test('gives every read the variables it has, and no other', () => {
    for (const [operation, { steps }] of RESOLVERS)
      for (const { read, variables } of steps)
        expect(Object.keys(variables).sort(), `${operation}: ${read}`).toEqual([...new Set(namesIn(read))].sort());
  });

  test('is answered here in every read, and in none that nobody makes', () => {
    expect(Object.keys(GITHUB_ANSWERS).sort()).toEqual([...READS].sort());
  });
});

describe('In answers as GitHub describes them', () => {
  test.each(RESOLVERS)(
    'every line of %s is found, and the name and environment it promises',
    async (operation, one) => {
      const { found, subject, environment, unknown } = await seenBy(one, operation);
      expect(found.filter(({ values }) => values === null).map(({ label }) => label)).toEqual([]);
      expect(unknown).toBe(false);
      expect(subject === null).toBe(one.subject === null);
      // Where GitHub knows no environment none is claimed, and none is missed.
      expect(environment === undefined).toBe(one.environment === null);
    },
  );

  test.each(RESOLVERS)('nothing of %s is guessed where GitHub says no', async (operation, one) => {
    const { found, subject, environment, unknown } = await seenBy(one, operation, {});
    const fromPath = one.facts.filter(({ path }) => path.startsWith('args.')).map(({ label }) => label);
    expect(found.filter(({ values }) => values !== null).map(({ label }) => label)).toEqual(fromPath);
    expect([subject, environment ?? null, unknown]).toEqual([null, null, true]);
  });

  test.each([
    [`DELETE ${REPO}`, 'acme/site', null],
    [`DELETE ${REPO}/git/refs/heads/{branch}`, 'main', null],
    [`DELETE ${REPO}/git/refs/tags/{tag}`, 'refs/tags/v1', null],
    [`DELETE ${REPO}/releases/{release_id}`, 'v1', null],
    [`DELETE ${REPO}/environments/{environment}`, 'production', 'production'],
    [`PUT ${REPO}/environments/{environment}/secrets/{name}`, 'production', 'production'],
    [`DELETE ${REPO}/deployments/{deployment_id}`, null, 'production'],
    // Of two it waits for, the worse.
    [`POST ${REPO}/actions/runs/{run_id}/pending_deployments`, null, 'production'],
    [`PUT ${REPO}/pulls/{number}/merge`, null, null],
    [`DELETE ${ORG}/teams/{team}`, 'Web', null],
    [`DELETE ${ORG}/packages/{type}/{name}`, 'site', null],
  ])('%s is of %j and lives in %j', async (operation, subject, environment) => {
    const resolver = githubRest.resolvers[operation];
    if (resolver === undefined) throw new Error(`no resolver for ${operation}`);
    const seen = await seenBy(resolver, operation);
    expect([seen.subject, seen.environment ?? null]).toEqual([subject, environment]);
  });

  test('a cache is the one of its id, and none at all where it is not among those read', async () => {
    const operation = `DELETE ${REPO}/actions/caches/{cache_id}`;
    const resolver = githubRest.resolvers[operation];
    if (resolver === undefined) throw new Error('no resolver');
    const { found } = await seenBy(resolver, operation);
    expect(found[0]).toMatchObject({ label: 'Cache', values: ['npm'] });
    const list = `${REPO}/actions/caches?per_page=100`;
    const without = await seenBy(resolver, operation, {
      ...GITHUB_ANSWERS,
      [list]: { actions_caches: [{ id: 1, key: 'a' }] },
    });
    expect(without.found[0]).toMatchObject({ label: 'Cache', values: null });
  });
});

/** Kinds of things that are named by an id and not looked up, and why: the page says UNKNOWN. */
const BLIND: Readonly<Record<string, string>> = {
  'account-key': 'whose keys these are is not read at rest',
  'actions-permissions': 'a repository of an organisation, by its number: there is no read of it by that',
  advisory: 'what is not public yet is not read at rest',
  attestation: 'they are read by a link that holds a token',
  cache: 'which ones is said in the query',
  campaign: 'it is about alerts, which are not read at rest',
  'code-alert': 'alerts are not read at rest',
  'code-analysis': 'alerts are not read at rest',
  'codeql-database': 'it is read by a link that holds a token',
  codespace: 'they are not read at rest',
  copilot: 'its settings are not read at rest',
  'copilot-space': 'they are not read at rest',
  dependabot: 'alerts are not read at rest',
  'deploy-key': 'keys are not read at rest',
  enterprise: 'nothing of an enterprise is read at rest',
  gist: 'whoever has the address of a secret one has it',
  'gist-comment': 'whoever has the address of a secret one has it',
  hook: 'hooks hold secrets',
  import: 'it may be read with the password of where it comes from',
  installation: 'what apps may do is not read at rest',
  invitation: 'they are not read at rest',
  migration: 'they are not read at rest',
  org: 'a repository or an organisation, by its number: there is no read of it by that',
  'org-variable': 'a repository, by its number: there is no read of it by that',
  ref: 'neither a branch nor a tag, or one with more slashes than are looked up',
  registry: 'it holds a password',
  'runner-group': 'a repository, by its number: there is no read of it by that',
  secret: 'a repository, by its number; or a secret of a codespace, and those are not read at rest',
  'secret-alert': 'alerts are not read at rest',
  'secret-pattern': 'what scanners look for is not read at rest',
  token: 'nothing of a token is read at rest',
};

describe('What stays UNKNOWN', () => {
  const blind = [...RULES].filter(
    ([operation, [level]]) =>
      (level === 'destructive' || level === 'escalating') && !Object.hasOwn(githubRest.resolvers, operation),
  );

  test('is only what no safe read tells: whatever else names one thing and destroys or escalates is looked up', () => {
    const kinds = blind.filter(([, [, , , id]]) => id !== undefined).map(([, [, kind]]) => kind);
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(BLIND).sort());
  });

  test('is the rest: of 397 operations that destroy or escalate, 267 are looked up', () => {
    const grave = [...RULES.values()].filter(([level]) => level === 'destructive' || level === 'escalating');
    console.info(`GitHub: ${grave.length - blind.length} of ${grave.length} grave operations are looked up`);
    expect([grave.length - blind.length, grave.length]).toEqual([267, 397]);
  });
});
