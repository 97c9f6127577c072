import type { HttpProfile } from './types';

/** GitHub’s REST API. */
export const githubRest: HttpProfile = {
  kind: 'http',
  name: 'github-rest',
  version: 1,
  title: 'GitHub REST',
  url: null,
  rules: [],
  resolvers: {},
  test: '',
  requestHeaders: [],
};
