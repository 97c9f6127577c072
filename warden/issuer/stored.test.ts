import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base64url, newId } from '#lib/core';
import { challengeOf, sealStatement, verifyRegistration } from '#lib/statement';
import { SIGN, type Signer } from '#testing/people';
import {
  addUpstream,
  type CastUpstream,
  type Cloud,
  graphqlConfig,
  graphqlUpstream,
  httpConfig,
} from '#testing/provider';
import { NO_MAKERS, softKey } from '#testing/security-key';
import { admit, approve, call, collect, file, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { storedResult } from './stored';

describe('What an answer leaves in the record (T35)', () => {
  const answer = { status: 200, contentType: 'application/json', body: '{"key":"hidden-é"}', truncated: false };
  const railway = graphqlConfig('https://api.example/');
  const generic = graphqlConfig('https://api.example/', { profile: 'generic-graphql' });
  const http = httpConfig('https://api.example/');

  test.each([
    ['a change that a rule names', railway, ['volume/vol_1'], ['delete'], true],
    ['a read of secrets', railway, ['variable/env_1'], ['read'], false],
    ['a new credential', railway, ['api-token/*'], ['create'], false],
    ['secrets beside a change', railway, ['variable/env_1', 'volume/vol_1'], ['delete', 'read'], false],
    ['a secret field below a safe read', railway, ['project/prj_1', 'secret/*'], ['read'], false],
    ['a mutation no rule names', railway, ['mutation/newThing'], ['run'], false],
    ['whatever a generic profile passes', generic, ['mutation/rename'], ['run'], false],
    ['whatever an unknown API answers', http, ['path/v1/things'], ['post'], false],
  ])('%s', (_what, config, resources, verbs, whole) => {
    const stored = storedResult(config, { resources, verbs }, answer);
    if (whole) expect(stored).toEqual(answer);
    else expect(stored).toEqual({ ...answer, body: expect.stringMatching(/^Not kept.* 19 bytes\.$/) });
  });
});

describe('The agent gets it, and neither row nor record holds', () => {
  let house: House;
  let cloud: CastUpstream<Cloud>;
  let agent: TestAgent;
  let targetId: string;
  let bob: Signer;

  beforeAll(async () => {
    [house, cloud, bob] = [await openHouse(), await graphqlUpstream(), await hardwareSigner()];
    agent = await newAgent(house);
    await admit(house, bob);
    targetId = await addUpstream(house, graphqlConfig(cloud.url), cloud.secret);
  });
  afterAll(async () => {
    await cloud.close();
    await house.close();
  });

  test.each([
    ['secrets', '{\n  variables(projectId: "prj_1", environmentId: "env_stag")\n}', /postgres:\/\/secret/],
    ['a minted key', 'mutation {\n  apiTokenCreate(input: {name: "x"})\n}', /minted_[0-9a-f]{16}/],
  ])('%s', async (_what, query, secret) => {
    await house.fresh();
    const refused = await call(house, '/t/railway', {
      token: agent.token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(refused.status).toBe(403);
    const { resources, verbs, operation } = refused.body.request.body;
    const requestId = await file(house, agent, targetId, { resources, verbs, operation });
    const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).state;
    await expect.poll(state, { timeout: 10_000 }).toBe('pending');
    const grantId = await approve(house, requestId, { by: bob });
    const { body } = await collect(house, grantId, { token: agent.collect });
    expect(body.result.body).toMatch(secret);
    const grant = await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } });
    const events = await house.owner.auditEvent.findMany({ where: { grantId } });
    expect(grant.result).toMatchObject({ status: 200, body: expect.stringContaining('Not kept') });
    expect(JSON.stringify([grant, events.map((event) => event.body)])).not.toMatch(secret);
  });
});

/** Production takes a key that stays in its hardware. */
async function hardwareSigner(): Promise<Signer> {
  const [key, challenge, id] = [softKey(SIGN), new Uint8Array(32).fill(7), newId('hum')];
  const registration = key.register(base64url(challenge));
  const asked = { challenge, relyingParty: SIGN, makers: NO_MAKERS, now: new Date() };
  const { class: kind, ...made } = await verifyRegistration({ registration, ...asked });
  const { credentialId, publicKey, aaguid } = made;
  return {
    human: { id, name: 'Bob', email: `${id}@example.com`, role: 'owner' },
    key: { id: newId('key'), credentialId, publicKey, class: kind, aaguid, label: 'Hardware key' },
    sign(statement, origin = SIGN.origin) {
      const bytes = sealStatement(statement);
      return { bytes, assertion: key.assert(base64url(challengeOf(bytes)), { origin }) };
    },
  };
}
