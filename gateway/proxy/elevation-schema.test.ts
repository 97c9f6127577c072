import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { type Classification, classifyHttp, graphqlClassifier } from '#gateway/classify';
import { GATEWAY_ANSWERS } from '#lib/http/openapi';
import { graphqlProfile, httpProfile } from '#lib/profiles';
import { type GraphqlConfig, type HttpConfig, TargetConfig } from '#lib/targets';
import { elevationRequired, type Refused } from './refusal';

/* What OpenAPI says of a refusal, held against refusals of calls that were really classified. */

const config = (more: object) =>
  TargetConfig.parse({
    name: 'things',
    environment: 'production',
    soleOwnerMayApprove: true,
    maxTtlSeconds: 3_600,
    url: 'https://api.example/graphql',
    secretIn: { place: 'bearer' },
    opens: [],
    closes: [],
    privateNetwork: false,
    maxBodyBytes: 1_048_576,
    outageSeconds: 60,
    refuseUnknown: false,
    ...more,
  });

const schemaHash = 'x'.repeat(43);
const graphql = config({ kind: 'graphql', profile: 'generic-graphql', schemaHash }) as GraphqlConfig;
const http = config({ kind: 'http', profile: 'generic-http' }) as HttpConfig;
const lists = { opens: [], closes: [] };

const byGraphql = graphqlClassifier({
  ...lists,
  profile: graphqlProfile('generic-graphql'),
  schema: buildSchema(
    'type Query { a: Int } type Mutation { thingDelete(id: ID!): Boolean thingAdd: Boolean apiTokenCreate: String }',
  ),
});
const mutation = byGraphql({
  method: 'POST',
  contentType: 'application/json',
  search: '',
  body: JSON.stringify({ query: 'mutation { one: thingDelete(id: "1") two: thingAdd }' }),
});
const minting = byGraphql({
  method: 'POST',
  contentType: 'application/json',
  search: '',
  body: JSON.stringify({ query: 'mutation { apiTokenCreate }' }),
});
const deletion = classifyHttp({
  ...lists,
  profile: httpProfile('generic-http'),
  call: { method: 'DELETE', target: '/things/1?force=1', headers: new Map() },
});

const refused = (of: Refused['config'], classification: Classification, more: Partial<Refused> = {}): Refused => ({
  config: of,
  classification,
  decision: { by: 'nobody', why: 'above_rest', acts: classification.acts },
  operation: classification.operation,
  mayWait: true,
  webOrigin: 'https://countersign.example',
  ...more,
});

test.each([
  ['of a GraphQL call', refused(graphql, mutation)],
  ['of an HTTP call', refused(http, deletion)],
  ['of a call that cannot be approved word for word', refused(http, deletion, { operation: null })],
  ['through a proxy that only asks', refused(http, deletion, { mayWait: false })],
  ['of a call that cannot be asked for at all', refused(graphql, minting, { operation: null })],
])('A refusal %s is what the API description says, and has nothing in it that is not described', (_, of) => {
  const body = JSON.parse(elevationRequired(of, '0af7651916cd43dd8448eb211c80319c').body);
  // Undescribed fields are left out by parsing: what comes back is all there is.
  expect(GATEWAY_ANSWERS.ElevationRequired.parse(body)).toEqual(body);
  expect(body.wait !== undefined).toBe(of.mayWait && of.operation !== null);
  expect(body.errors !== undefined).toBe(of.config.kind === 'graphql');
});
