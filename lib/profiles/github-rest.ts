import { githubDestructive } from './github-rest-destructive';
import { githubEscalating } from './github-rest-escalating';
import { githubEscalatingInOrg, githubUnlisted } from './github-rest-escalating-org';
import { githubSafeInRepo } from './github-rest-reads';
import { githubSafeAround } from './github-rest-reads-around';
import { githubResolvers } from './github-rest-resolvers';
import { githubSensitive } from './github-rest-sensitive';
import { githubWrites } from './github-rest-writes';
import type { HttpProfile } from './types';

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
