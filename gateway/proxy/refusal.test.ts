import { describe, expect, test } from 'vitest';
import type { Classification } from '#gateway/classify';
import { FileRequest, REASON_TO_REPLACE } from '#lib/filing';
import { checkAsk, type GraphqlConfig, type HttpConfig, Operation } from '#lib/targets';
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

const deletes: Classification = {
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
  classification: deletes,
  decision: { by: 'nobody', why: 'above_rest', acts: deletes.acts },
  operation: deletes.operation,
  mayWait: true,
  webOrigin: 'https://countersign.example',
  ...over,
});

const documentOf = (length: number): string => `mutation {\n  thingDelete(id: "${'x'.repeat(length)}")\n}`;

const bodyOf = (of: Refused) => JSON.parse(elevationRequired(of, 'req_id').body);

describe('A refusal', () => {
  test('carries a request that can be filed with a reason of one’s own and no other, and asks for exactly the refused operation', () => {
    const { request, wait } = bodyOf(refused());
    expect(request).toMatchObject({ method: 'POST', url: 'https://countersign.example/api/v1/requests' });
    expect(FileRequest.safeParse(request.body).error?.issues[0]?.message).toContain('your own reason');
    const filed = FileRequest.parse({ ...request.body, reason: 'It is the old one.' });
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
    expect(detail).toContain('a decision and not a fault');
    expect(detail).not.toMatch(/every token|try again|retry/i);
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
    expect(request.body.reason).toBe(REASON_TO_REPLACE);
    expect(FileRequest.parse({ ...request.body, reason: 'x' }).operation).toBeUndefined();
    expect(wait).toBeUndefined();
    expect(detail).toContain('too large');
  });

  const put = (body: string): Partial<Refused> => ({
    config: http,
    operation: { method: 'PUT', path: '/v1/things/1', contentType: 'application/json', body },
    classification: {
      ...deletes,
      class: 'write',
      acts: [{ operation: 'PUT /v1/things/1', class: 'write', resource: 'path/v1/things/1', verb: 'put', why: 'x' }],
    },
  });

  test.each<[string, Partial<Refused>, 'exact' | 'scope']>([
    ['a document as large as can be filed', { operation: { query: documentOf(19_000), variables: {} } }, 'exact'],
    ['a document past what can be filed', { operation: { query: documentOf(21_000), variables: {} } }, 'scope'],
    ['a body of 50,000 bytes', put('x'.repeat(50_000)), 'exact'],
    ['a body that a filing has no room for', put('x'.repeat(60_000)), 'scope'],
    ['a body that is small and has no room once it is escaped', put('\u0001'.repeat(12_000)), 'scope'],
  ])('of %s offers what the filing service takes', (_what, over, expected) => {
    const { request } = bodyOf(refused(over));
    const filed = { ...request.body, reason: '\u0001'.repeat(2_000) };
    expect(Buffer.byteLength(JSON.stringify(filed))).toBeLessThanOrEqual(65_536);
    expect(FileRequest.parse(filed).operation === undefined ? 'scope' : 'exact').toBe(expected);
  });

  test('of a call that does too much for any request says so, and offers no body', () => {
    const acts = Array.from({ length: 40 }, (_, n) => ({ ...deletes.acts[0], resource: `mutation/m${n}` }));
    const { request, wait, detail } = bodyOf(refused({ classification: { ...deletes, acts } as Classification }));
    expect([request, wait]).toEqual([undefined, undefined]);
    expect(detail).toContain('Do less in one call');
    expect(detail).not.toContain('POST the body');
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
