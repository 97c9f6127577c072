import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, graphql } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sha256Base64url } from '#lib/core';
import { openSealed, secretContext } from '#lib/records';
import { openStatement } from '#lib/statement';
import { freePorts } from '#scripts/installation';
import { openCopy, type TestCopy } from '#testing/gateway';
import { softKey } from '#testing/security-key';
import {
  admit,
  type Member,
  type Offered,
  openSignOrigin,
  type Reply,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';

/*
 * A secret that was renewed: what is signed, what is stored, and what the next
 * call through the gateway goes out with.
 */

const FIRST = 'canary-first-4b1f90d2';
const SECOND = 'canary-second-77ae01c3';
const SCHEMA = 'type Query { hello: String! secretOfMine: String! }';
const NEWER = 'type Query { hello: String! secretOfMine: String! more: Int } type Mutation { tidy: Boolean }';

/** A GraphQL provider whose secret and schema can be changed. */
const world = { secret: FIRST, sdl: SCHEMA };
const provider: Server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const allowed = request.headers.authorization === `Bearer ${world.secret}`;
  const { query } = JSON.parse(Buffer.concat(chunks).toString()) as { query: string };
  const rootValue = { hello: 'world' };
  const answer = allowed
    ? await graphql({ schema: buildSchema(world.sdl), source: query, rootValue })
    : { errors: [{ message: `Not with ${request.headers.authorization}` }] };
  response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
});

let signOrigin: SignOrigin;
let ada: Member;
let copy: TestCopy;
let token: string;
let targetId: string;
const answers: string[] = [];

beforeAll(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  copy = await openGateway();
  targetId = await added();
  token = await readingAgent();
});
afterAll(async () => {
  await copy.close();
  await signOrigin.close();
  provider.closeAllConnections();
  provider.close();
});
afterEach(() => expect(answers.join('\n')).not.toMatch(/canary-/));

/** Keeps every answer: the secret may be in none (T34). */
async function kept(reply: Promise<Reply>): Promise<Reply> {
  const got = await reply;
  answers.push(JSON.stringify(got));
  return got;
}

async function added(): Promise<string> {
  const target = {
    kind: 'graphql',
    name: 'things',
    environment: 'production',
    profile: 'generic-graphql',
    url: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/graphql`,
    secretIn: { place: 'bearer' },
    secret: FIRST,
    opens: ['query hello'],
    closes: [],
    privateNetwork: true,
    maxBodyBytes: 1_048_576,
    outageSeconds: 60,
    refuseUnknown: false,
    maxTtlSeconds: 3_600,
    soleOwnerMayApprove: true,
  };
  const ticket = await signOrigin.ticket(ada.id, { kind: 'target.add', params: {} });
  const drafted = await kept(signOrigin.post('/api/target/draft', { ticket, target, agent: null }));
  expect(await submit(signOrigin, drafted.body as never, ada.key)).toMatchObject({ status: 200 });
  return (await signOrigin.owner.target.findUniqueOrThrow({ where: { name: 'things' } })).id;
}

/** A copy of the gateway over the same database. */
async function openGateway(): Promise<TestCopy> {
  const { web, agent } = signOrigin.warden.origins;
  const port = await freePorts(1);
  const gateway = `http://localhost:${port}`;
  Object.assign(signOrigin.warden.origins, { gateway });
  const { gatewayUrl: databaseUrl, keys } = signOrigin;
  return openCopy({ databaseUrl, keys, origins: { web, agent, gateway }, name: 'first', port });
}

async function readingAgent(): Promise<string> {
  const params = { name: 'deploy-bot', description: '', days: 90 };
  const { body } = await signTicket(signOrigin, ada, { kind: 'agent.register', params });
  const { id: agentId } = await signOrigin.owner.agent.findFirstOrThrow({ where: { name: 'deploy-bot' } });
  const ask = { kind: 'rest.allow' as const, params: { agentId, targetId, ttlSeconds: 600 } };
  expect(await signTicket(signOrigin, ada, ask)).toMatchObject({ status: 200 });
  return (body as unknown as { secrets: { agent: { token: string } } }).secrets.agent.token;
}

/** One safe read through the gateway, the text of its answer. */
async function read(): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${signOrigin.warden.origins.gateway}/t/things`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ hello }' }),
  });
  const text = await answer.text();
  answers.push(text);
  return { status: answer.status, text };
}

async function drafted(secret: string, who: Member = ada): Promise<Reply> {
  const ticket = await signOrigin.ticket(who.id, { kind: 'target.renew', params: { targetId } });
  return kept(signOrigin.post('/api/renew/draft', { ticket, secret }));
}

async function renewed(secret: string): Promise<Offered> {
  const offer = (await drafted(secret)).body as unknown as Offered;
  expect(await kept(submit(signOrigin, offer, ada.key))).toMatchObject({ status: 200, body: { done: 'target.renew' } });
  return offer;
}

/** The secret as the gateway opens it: the warden cannot. */
async function stored(): Promise<string> {
  const { ciphertext } = await signOrigin.owner.providerSecret.findUniqueOrThrow({ where: { targetId } });
  const signed = (await signOrigin.warden.authority.current(signOrigin.warden.db)).targets.get(targetId);
  return openSealed(signOrigin.keys.gatewayKey, secretContext(targetId, signed?.config as never), ciphertext);
}

const pinned = async (): Promise<string> => {
  const { targets } = await signOrigin.warden.authority.current(signOrigin.warden.db);
  const config = targets.get(targetId)?.config;
  return config?.kind === 'graphql' ? config.schemaHash : '';
};

describe('Renewing a provider’s secret', () => {
  test('opens with which target it is, and with no secret (T34)', async () => {
    const ticket = await signOrigin.ticket(ada.id, { kind: 'target.renew', params: { targetId } });
    const { status, body } = await kept(signOrigin.post('/api/ticket', { ticket }));
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('"things"');
  });

  test('with a secret the provider does not take stores nothing, and quotes neither secret', async () => {
    expect(await drafted('canary-wrong-0000000')).toMatchObject({ status: 502, body: { code: 'target_refused' } });
    expect(await stored()).toBe(FIRST);
    expect(await signOrigin.owner.draft.count({ where: { kind: 'target.renew' } })).toBe(0);
  });

  test('replaces it: signed by its ciphertext, and the next call through the gateway goes out with the new one', async () => {
    // Until it has looked once, the gateway takes everything for frozen.
    await expect.poll(read).toMatchObject({ status: 200, text: expect.stringContaining('world') });
    world.secret = SECOND;
    expect((await read()).status).toBe(401);
    const offer = await renewed(SECOND);
    expect(await stored()).toBe(SECOND);
    const { ciphertext } = await signOrigin.owner.providerSecret.findUniqueOrThrow({ where: { targetId } });
    const statement = openStatement(offer.statement);
    expect(statement).toMatchObject({ secret: 'replaced', secretDigest: sha256Base64url(ciphertext) });
    await expect.poll(async () => (await read()).status).toBe(200);
  });

  test('keeps it where none is typed, and says so in what is signed', async () => {
    const offer = await renewed('');
    expect(openStatement(offer.statement)).toMatchObject({ kind: 'target.renew', secret: 'kept' });
    expect(await stored()).toBe(SECOND);
    expect(await read()).toMatchObject({ status: 200 });
  });

  test('takes the provider’s schema as it is now: the old pin is gone, and calls are classified by the new one', async () => {
    const before = await pinned();
    world.sdl = NEWER;
    await renewed('');
    const after = await pinned();
    expect(after).not.toBe(before);
    const { sdl } = await signOrigin.owner.targetSchema.findUniqueOrThrow({ where: { hash: after } });
    expect(sdl).toContain('tidy');
    await expect.poll(async () => (await read()).status).toBe(200);
  });

  test('of a production target takes a hardware key: a synced one is refused before anything is signed (T11)', async () => {
    const bo = await admit(signOrigin, ada, 'Bo', 'owner', softKey(signOrigin.home, { synced: true }));
    expect(await drafted(SECOND, bo)).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
  });

  test('is an owner’s to do: an approver is refused', async () => {
    const eve = await admit(signOrigin, ada, 'Eve', 'approver', softKey(signOrigin.home));
    expect(await drafted('canary-of-an-approver', eve)).toMatchObject({ status: 403 });
    expect(await stored()).toBe(SECOND);
  });
});
