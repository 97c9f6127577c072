import type { OperationClass } from '../classes';
import type { HttpRule, Rule } from '../types';

/** Where the paths of a table begin, and what the ids of its things begin with. */
export interface Root {
  readonly path: string;
  readonly id: string;
}

export const TOP: Root = { path: '', id: '' };
/** Of a thing of a repository: `issue/acme/site/17`. */
export const REPO: Root = { path: '/repos/{owner}/{repo}', id: '{owner}/{repo}' };
export const ORG: Root = { path: '/orgs/{org}', id: '{org}' };
/** Whoever the token belongs to. */
export const SELF: Root = { path: '/user', id: '' };
export const USER: Root = { path: '/users/{username}', id: '{username}' };

/** A branch’s name has slashes where people like them: `main`, `feature/x`, `ada/feature/x`. */
export const BRANCH_NAMES = ['{branch}', '{first}/{branch}', '{first}/{second}/{branch}'];
/** And a tag’s: `v1.0`, `@acme/site@1.0`. */
export const TAG_NAMES = ['{tag}', '{first}/{tag}'];

/** `PUT DELETE`, the path below the root, the kind of thing, what is done to it, and what follows the root’s id in its id. */
export type Row = readonly [methods: string, path: string, resource: string, verb: string, within?: string];

/** Rules of one class. */
export const table = (level: OperationClass, root: Root, rows: readonly Row[]): readonly HttpRule[] =>
  rows.flatMap(([methods, path, resource, verb, within = '']) => {
    const id = [root.id, within].filter((part) => part !== '').join('/');
    const rule: Rule = id === '' ? [level, resource, verb] : [level, resource, verb, id];
    return methods.split(' ').map((method): HttpRule => [method, root.path + path, rule]);
  });

/** The path below the root, the kind of thing, and what follows the root’s id in its id. */
export type ReadRow = readonly [path: string, resource: string, within?: string];

export const reads = (level: 'safe' | 'sensitive', root: Root, rows: readonly ReadRow[]): readonly HttpRule[] =>
  table(
    level,
    root,
    rows.map(([path, resource, within = '']): Row => ['GET', path, resource, 'read', within]),
  );
