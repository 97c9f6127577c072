import { describe, expect, test } from 'vitest';
import { FileRequest } from '#lib/requests';
import { checkAsk, type GraphqlConfig, type HttpConfig, Operation } from '#lib/targets';
import type { Judgement } from '#warden/judge';
import { elevationRequired, graphqlProblem, type Refused, requestFor } from './refusal';

const shared = {
  environment: 'production',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  secretIn: { place: 'bearer' as const },
  opens: [],
  closes: [],
  privateNetwork: false,
  maxBodyBytes: 1_048_576,
  outageSeconds: 60,
  refuseUnknown: false,
};
const graphql: GraphqlConfig = {
  ...shared,
  kind: 'graphql',
  name: 'things',
  url: 'https://api.example/graphql',
  profile: 'generic-graphql',
  schemaHash: 'x'.repeat(43),
};
const http: HttpConfig = {
  ...shared,
  kind: 'http',
  name: 'rest-things',
  url: 'https://api.example/',
  profile: 'generic-http',
};

const deletes: Judgement = {
  acts: [
    {
      operation: 'mutation thingDelete',
      class: 'destructive',
      resource: 'mutation/thingDelete',
      verb: 'run',
      why: 'Nobody named it, and its name says that it deletes.',
    },
  ],
  class: 'destructive',
  name: 'mutation thingDelete',
  operation: { query: 'mutation {\n  thingDelete(id: "1")\n}', variables: {} },
  args: { id: '1' },
  resolver: null,
};

const refused = (over: Partial<Refused> = {}): Refused => ({
  config: graphql,
  judgement: deletes,
  decision: { by: 'nobody', why: 'above_rest', acts: deletes.acts },
  operation: deletes.operation,
  mayWait: true,
  webOrigin: 'https://countersign.example',
  ...over,
});

const bodyOf = (of: Refused) => JSON.parse(elevationRequired(of, 'req_id').body);

describe('A refusal', () => {
  test('carries a request that can be filed as it is, and asks for exactly the refused operation', () => {
    const { request, wait } = bodyOf(refused());
    expect(request).toMatchObject({ method: 'POST', url: 'https://countersign.example/api/v1/requests' });
    const filed = FileRequest.parse(request.body);
    expect(filed.operation).toEqual(deletes.operation);
    const operation = filed.operation === undefined ? null : Operation.parse(filed.operation);
    expect(() => checkAsk(graphql, { ...filed, maxUses: filed.maxUses ?? null, operation })).not.toThrow();
    expect(wait).toEqual({ header: 'Prefer', value: 'wait=300' });
  });

  test('is a problem, and for a GraphQL client errors it can read', () => {
    const answer = elevationRequired(refused(), 'req_id');
    const body = JSON.parse(answer.body);
    expect(answer.status).toBe(403);
    expect(body).toMatchObject({
      status: 403,
      code: 'elevation_required',
      requestId: 'req_id',
      judged: { operation: 'mutation thingDelete', class: 'destructive', missing: deletes.acts },
    });
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({ message: body.detail, extensions: { code: 'ELEVATION_REQUIRED' } });
    expect(body.errors[0].extensions.request).toEqual(body.request);
    expect(bodyOf(refused({ config: http })).errors).toBeUndefined();
  });

  test('says what happened, why, how to ask, and that there is no other way', () => {
    const { detail } = bodyOf(refused());
    expect(detail).toContain('Not run, and nothing was sent');
    expect(detail).toContain('mutation thingDelete is destructive');
    expect(detail).toContain('POST the body under "request"');
    expect(detail).toContain('Prefer: wait=300');
    expect(detail).toContain('not a fault to work around');
  });

  test.each([
    ['above_rest', 'you may only read what is safe'],
    ['no_rest', 'no owner has let this agent read here'],
    ['outside_grant', 'does not cover it'],
  ] as const)('names what is missing: %s', (why, words) => {
    expect(bodyOf(refused({ decision: { by: 'nobody', why, acts: deletes.acts } })).detail).toContain(words);
  });

  test('of a call too large to approve word for word asks for a grant of its kind and offers no waiting', () => {
    const { request, wait, detail } = bodyOf(refused({ operation: null }));
    expect(FileRequest.parse(request.body).operation).toBeUndefined();
    expect(wait).toBeUndefined();
    expect(detail).toContain('too large');
  });

  test('asks for no longer than the target allows', () => {
    expect(requestFor(refused({ config: { ...graphql, maxTtlSeconds: 60 } }), 'x').ttlSeconds).toBe(60);
  });
});

test('Any other problem of a GraphQL target is errors too, and says no more than the problem does', () => {
  const { status, body } = graphqlProblem(new Error('secret sauce'), 'req_id');
  expect(status).toBe(500);
  expect(body).not.toContain('sauce');
  expect(JSON.parse(body).errors[0]).toMatchObject({ extensions: { code: 'INTERNAL', requestId: 'req_id' } });
});
