/* What an owner types into the signing page's form for a provider. */

const COMMON = {
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  secretIn: { place: 'bearer' },
  closes: [],
  privateNetwork: true,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};

export const graphqlTarget = (name: string, url: string, secret: string): object => ({
  ...COMMON,
  ...{ kind: 'graphql', profile: 'railway', name, url, secret, opens: [] },
});

/** Of which everything may be read at rest. */
export const httpTarget = (name: string, url: string, secret: string): object => ({
  ...COMMON,
  ...{ kind: 'http', profile: 'generic-http', name, url, secret, opens: ['GET /**'] },
});
