import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from 'node:crypto';
import { promisify } from 'node:util';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GATEWAY_ANSWERS } from '#lib/http/openapi';
import { lowS } from '#testing/tokens';
import {
  addTarget,
  allowRest,
  approve,
  callWarden as call,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';

let house: House;
let agent: TestAgent;
let targetId: string;
const service = serviceToken();
const otherService = serviceToken();

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  targetId = await addTarget(house, serviceConfig(service));
  await addTarget(house, serviceConfig(otherService, { name: 'twin' }));
  await addTarget(house, serviceConfig(serviceToken(), { name: 'elsewhere', audience: 'https://elsewhere.example' }));
});
afterAll(() => house.close());

async function issue(ask: Parameters<typeof file>[3] = {}, by = agent): Promise<{ grantId: string; token: string }> {
  const grantId = await approve(
    house,
    await file(house, by, targetId, { resources: ['deploy/api'], verbs: ['start', 'stop'], ...ask }),
  );
  const { body } = await collect(house, grantId, { token: by.collect });
  return { grantId, token: body.credential.accessToken };
}
const form = (token: string) => new URLSearchParams({ token });
const introspect = (token: string, caller: string = service) =>
  call(house, '/v1/introspect', { token: caller, body: form(token) });
const part = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString());

describe('A token', () => {
  test('says exactly what was approved, for as long, to one service (RFC 9068, RFC 9396, T30)', async () => {
    const { grantId, token } = await issue({ maxUses: 3 });
    const grant = await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } });
    const { keys } = (await call(house, '/.well-known/jwks.json', { method: 'GET' })).body;
    expect(part(token, 0)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: keys[0].kid });
    const iat = Math.floor((grant.collectedAt?.getTime() ?? 0) / 1000);
    expect(part(token, 1)).toEqual({
      iss: house.origins.agent,
      sub: agent.id,
      client_id: agent.id,
      aud: 'https://deploys.example',
      jti: grantId,
      iat,
      nbf: iat,
      exp: Math.floor((grant.expiresAt?.getTime() ?? 0) / 1000),
      authorization_details: [
        {
          type: 'countersign',
          locations: ['https://deploys.example'],
          actions: ['start', 'stop'],
          resources: ['deploy/api'],
          max_uses: 3,
        },
      ],
    });
  });

  test('verifies with node:crypto against the published key, which holds no private part', async () => {
    const { token } = await issue();
    const { keys } = (await call(house, '/.well-known/jwks.json', { method: 'GET' })).body;
    expect(GATEWAY_ANSWERS.JwkSet.parse({ keys })).toEqual({ keys });
    expect(Object.keys(keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const [head, body, signature] = token.split('.');
    const key = createPublicKey({ key: keys[0] as JsonWebKey, format: 'jwk' });
    const holds = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature ?? '', 'base64url'),
    );
    expect(holds).toBe(true);
  });

  test('verifies with the twenty lines of the documentation, for what it allows and for nothing else', async () => {
    const { token } = await issue();
    const run = (action: string, audience = 'https://deploys.example') =>
      promisify(execFile)(process.execPath, [
        'docs/examples/verify-token.mjs',
        house.origins.agent,
        audience,
        token,
        action,
        'deploy/api',
      ]);
    expect((await run('stop')).stdout).toContain(`${agent.id} may stop deploy/api until`);
    await expect(run('destroy')).rejects.toThrow(/does not allow destroy/);
    await expect(run('stop', 'https://elsewhere.example')).rejects.toThrow(/aud/);
  });
});

describe('Introspection', () => {
  test('answers a standard client (RFC 7662)', async () => {
    const { grantId, token } = await issue();
    const { agent: issuer } = house.origins;
    const config = new client.Configuration(
      {
        issuer,
        introspection_endpoint: `${issuer}/v1/introspect`,
        revocation_endpoint: `${issuer}/v1/revoke`,
      },
      'service',
      undefined,
      (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${service}`),
    );
    client.allowInsecureRequests(config);
    expect(await client.tokenIntrospection(config, token)).toMatchObject({
      active: true,
      jti: grantId,
      sub: agent.id,
      token_type: 'Bearer',
    });
  });

  test('takes JSON as well as a form, and shows an agent its own token', async () => {
    const { token } = await issue();
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) };
    const { body } = await call(house, '/v1/introspect', { token: agent.token, ...json });
    expect(body.active).toBe(true);
    expect(GATEWAY_ANSWERS.Introspection.parse(body)).toEqual(body);
  });

  test('says nothing but inactive to another agent, another service and a twin of the same audience (T26, T46)', async () => {
    const { token } = await issue();
    const stranger = await newAgent(house);
    for (const caller of [stranger.token, otherService])
      expect((await introspect(token, caller)).text).toBe('{"active":false}');
    expect(GATEWAY_ANSWERS.Introspection.parse({ active: false })).toEqual({ active: false });
  });

  test.each([
    ['nobody', undefined],
    ['an unknown service', serviceToken()],
    ['a typo', `${service.slice(0, -1)}_`],
  ])('answers %s with 401', async (_who, caller) => {
    const { token } = await issue();
    expect(
      (await call(house, '/v1/introspect', { ...(caller === undefined ? {} : { token: caller }), body: form(token) }))
        .status,
    ).toBe(401);
  });

  test('Forged, foreign and expired tokens are inactive (T24)', async () => {
    const { token } = await issue();
    const [head, body, signature] = token.split('.') as [string, string, string];
    const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { SignJWT } = await import('jose');
    const own = async (claims: object, header: object = {}, key = house.warden.vault.signingKey) =>
      lowS(
        await new SignJWT({ ...part(token, 1), ...claims })
          .setProtectedHeader({ ...part(token, 0), alg: 'ES256', ...header })
          .sign(key),
      );
    const bad = [
      '',
      'x',
      'a.b.c',
      `${head}.${body}.`,
      `${text({ ...part(token, 0), alg: 'none' })}.${body}.`,
      `${text({ ...part(token, 0), alg: 'HS256' })}.${body}.${signature}`,
      `${head}.${text({ ...part(token, 1), exp: 9_999_999_999 })}.${signature}`,
      await own({}, {}, privateKey),
      await own({ iss: 'https://other.example' }),
      await own({ exp: 1 }),
      await own({}, { typ: 'JWT' }),
      await own({ sub: 'agt_other' }),
      await own({ aud: 'https://elsewhere.example' }),
      await own({ jti: `grn_${'0'.repeat(20)}` }),
    ];
    for (const one of bad) expect((await introspect(one)).text).toBe('{"active":false}');
    expect((await introspect(await own({}))).body.active).toBe(true);
  });

  test('Of 100 uses at once of a token for 5, exactly 5 are allowed, and the last one ends it (T64)', async () => {
    const { grantId, token } = await issue({ maxUses: 5 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => introspect(token)));
    expect(answers.filter(({ body }) => body.active)).toHaveLength(5);
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
      uses: 5,
      state: 'ending',
      endReason: 'spent',
    });
    expect(await house.owner.auditEvent.count({ where: { grantId, kind: 'grant.used' } })).toBe(5);
  });

  test('An agent that looks at its own token uses nothing up; a raised limit in the row counts for nothing', async () => {
    const { grantId, token } = await issue({ maxUses: 1 });
    await introspect(token, agent.token);
    await house.owner.$executeRaw`UPDATE grants SET max_uses = 1000 WHERE id = ${grantId}`;
    expect([(await introspect(token)).body.active, (await introspect(token)).body.active]).toEqual([true, false]);
  });
});

describe('Giving back (RFC 7009)', () => {
  test.each(['the token', 'the grant’s id'])('An agent gives back its own by %s, at once and for good', async (by) => {
    const { grantId, token } = await issue();
    const answer = await call(house, '/v1/revoke', {
      token: agent.token,
      body: form(by === 'the token' ? token : grantId),
    });
    expect(answer.status).toBe(200);
    expect((await introspect(token)).body.active).toBe(false);
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
      endReason: 'revoked',
      endedBy: agent.id,
    });
  });

  test('A stranger’s token, an unknown one and nonsense get the same answer, and nothing happens (T46)', async () => {
    const { grantId, token } = await issue();
    const stranger = await newAgent(house);
    const answers = await Promise.all(
      [token, grantId, `grn_${'0'.repeat(20)}`, 'nonsense', ''].map((one) =>
        call(house, '/v1/revoke', { token: stranger.token, body: form(one) }),
      ),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 {}']));
    expect((await introspect(token)).body.active).toBe(true);
  });
});

describe('Tokens', () => {
  test('cannot be had at rest', async () => {
    await expect(allowRest(house, agent, targetId)).rejects.toThrow();
    expect((await call(house, '/v1/targets/deploys/rest', { token: agent.collect })).status).toBe(404);
  });
});
