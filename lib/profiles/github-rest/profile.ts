import type { HttpProfile } from '../types';
import { githubDestructive } from './operations/destructive';
import { githubEscalating } from './operations/escalating';
import { githubEscalatingInOrg, githubUnlisted } from './operations/escalating-org';
import { githubSafeInRepo } from './operations/reads';
import { githubSafeAround } from './operations/reads-around';
import { githubSensitive } from './operations/sensitive';
import { githubWrites } from './operations/writes';
import { githubResolvers } from './resolvers';

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
