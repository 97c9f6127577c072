import type { HttpProfile } from '../types';
import { githubDestructive } from './destructive';
import { githubEscalating } from './escalating';
import { githubEscalatingInOrg, githubUnlisted } from './escalating-org';
import { githubSafeInRepo } from './reads';
import { githubSafeAround } from './reads-around';
import { githubResolvers } from './resolvers';
import { githubSensitive } from './sensitive';
import { githubWrites } from './writes';

/** GitHub’s REST API. A fine-grained token goes in as bearer. The worst rules come first: the first that fits counts. */
export const githubRest: HttpProfile = {
  kind: 'http',
  name: 'github-rest',
  version: 1,
  title: 'GitHub REST',
  url: 'https://api.github.com/',
  rules: [
    ...githubEscalating,
    ...githubEscalatingInOrg,
    ...githubDestructive,
    ...githubWrites,
    ...githubUnlisted,
    ...githubSensitive,
    ...githubSafeInRepo,
    ...githubSafeAround,
  ],
  resolvers: githubResolvers,
  // Refused without a token that works.
  test: '/user',
  requestHeaders: ['x-github-api-version'],
};
