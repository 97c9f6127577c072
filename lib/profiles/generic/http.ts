import type { HttpProfile } from '../types';

/** Any HTTP API: nothing is known, so nothing passes at rest but what its owner opens by path. */
export const genericHttp: HttpProfile = {
  kind: 'http',
  name: 'generic-http',
  version: 1,
  title: 'Any HTTP API',
  url: null,
  rules: [],
  resolvers: {},
  test: '',
  requestHeaders: [],
};
