import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { looksLikeToken, sha256Base64url } from '#lib/core';
import { challengeOf } from '#lib/statement';
import { softKey } from '#testing/security-key';
import {
  addTokenTarget,
  admit,
  approve,
  type Member,
  type Offered,
  offered,
  openSignOrigin,
  pendingRequest,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';

/* Agents on the page that signs: who they are is shown, their secrets once, afterwards (T82). */

let signOrigin: SignOrigin;
let ada: Member;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
});
afterEach(() => signOrigin.close());

const JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
/** RFC 8037, appendix A. */
const THUMBPRINT = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';
const bot = (more: object = {}) =>
  ({ kind: 'agent.register', params: { name: 'bot', description: 'Deploys.', days: 90, ...more } }) as const;
const secretsIn = (reply: { readonly body: object }) =>
  (reply.body as { secrets?: { agent?: { token: string; collect: string | null } } }).secrets?.agent;
const agentOf = async (name = 'bot') => {
  const row = await signOrigin.owner.agent.findFirstOrThrow({ where: { name } });
  const authority = await signOrigin.warden.authority.current(signOrigin.warden.db);
  return { row, signed: authority.agents.get(row.id) };
};
const register = async (more: object = {}) => {
  const secrets = secretsIn(await signTicket(signOrigin, ada, bot(more)));
  if (secrets === undefined) throw new Error('no secrets were shown');
  return { secrets, ...(await agentOf()) };
};

/** As the tables' owner, whom no trigger stops. */
const stealth = (sql: string) =>
  signOrigin.owner.$transaction(
    ['ALTER TABLE agents DISABLE TRIGGER USER', sql, 'ALTER TABLE agents ENABLE TRIGGER USER'].map((each) =>
      signOrigin.owner.$executeRawUnsafe(each),
    ),
  );

describe('Registering', () => {
  test('shows two secrets once, and keeps nothing but their hashes', async () => {
    const offer = await offered(signOrigin, ada, bot());
    expect(JSON.stringify(offer)).not.toMatch(/cs_(ask|col)_/);
    const reply = await submit(signOrigin, offer, ada.key);
    const secrets = secretsIn(reply);
    expect(looksLikeToken('ask', secrets?.token ?? '')).toBe(true);
    expect(looksLikeToken('col', secrets?.collect ?? '')).toBe(true);
    const { row, signed } = await agentOf();
    expect(signed).toMatchObject({
      tokenHash: sha256Base64url(secrets?.token ?? ''),
      collectHash: sha256Base64url(secrets?.collect ?? ''),
      ownerId: ada.id,
    });
    expect(row).toMatchObject({ tokenHash: signed?.tokenHash, tokenHint: secrets?.token.slice(-4), state: 'active' });
    const tables = ['agents', 'drafts', 'chain', 'audit_events', 'tickets'].map((table) =>
      signOrigin.owner.$queryRawUnsafe<object[]>(`SELECT t::text FROM ${table} t`),
    );
    const everything = JSON.stringify(await Promise.all(tables));
    for (const secret of [secrets?.token, secrets?.collect]) expect(everything).not.toContain(secret);
    expect((await submit(signOrigin, offer, ada.key)).status).toBe(409);
  });

  test('of an agent with a key shows the key to compare, and makes no secret to collect with', async () => {
    const offer = await offered(signOrigin, ada, bot({ publicJwk: JWK }));
    expect(offer.statement).toContain(THUMBPRINT);
    expect(secretsIn(await submit(signOrigin, offer, ada.key))?.collect).toBeNull();
    expect((await agentOf()).signed).toMatchObject({ keyThumbprint: THUMBPRINT, collectHash: null });
  });

  test('of a name that another agent has is refused before anybody signs, whatever its case (T65)', async () => {
    await register();
    for (const name of ['bot', 'BOT'])
      expect(await signTicket(signOrigin, ada, bot({ name }))).toMatchObject({
        status: 409,
        body: { code: 'conflict' },
      });
    // By the chain too: a row can be given another name.
    await signOrigin.owner.$executeRaw`UPDATE agents SET name = 'other'`;
    expect(await signTicket(signOrigin, ada, bot())).toMatchObject({ status: 409, body: { code: 'conflict' } });
  });

  test('goes along with the first target, in one signature', async () => {
    const ticket = await signOrigin.ticket(ada.id, { kind: 'target.add', params: {} });
    expect((await signOrigin.post('/api/ticket', { ticket })).body).toMatchObject({ firstAgent: true });
    const target = {
      ...{ kind: 'token', name: 'deploys', environment: 'staging', soleOwnerMayApprove: true, maxTtlSeconds: 600 },
      ...{
        audience: 'https://d.example',
        resources: ['deploy/*'],
        verbs: ['start'],
        destructiveVerbs: [],
        introspected: true,
      },
    };
    const drafted = await signOrigin.post('/api/target/draft', { ticket, target, agent: 'bot' });
    const reply = await submit(signOrigin, drafted.body as unknown as Offered, ada.key);
    expect(reply.body['secrets']).toEqual({
      serviceToken: expect.stringMatching(/^cs_svc_/),
      agent: { token: expect.stringMatching(/^cs_ask_/), collect: expect.stringMatching(/^cs_col_/) },
    });
    expect((await agentOf()).signed).toMatchObject({ ownerId: ada.id });
    const second = await signOrigin.ticket(ada.id, { kind: 'target.add', params: {} });
    expect((await signOrigin.post('/api/ticket', { ticket: second })).body).toMatchObject({ firstAgent: false });
  });

  test('is an approver’s too, and no reviewer’s', async () => {
    const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
    const ray = await admit(signOrigin, ada, 'Ray', 'reviewer', softKey(signOrigin.home));
    expect((await signTicket(signOrigin, bob, bot())).status).toBe(200);
    expect((await agentOf()).signed).toMatchObject({ ownerId: bob.id });
    expect(await signTicket(signOrigin, ray, bot({ name: 'other' }))).toMatchObject({ status: 403 });
    // Nobody is shown the secrets of somebody else's agent (T14).
    const { row } = await agentOf();
    const rotate = { kind: 'agent.rotate', params: { agentId: row.id, days: 90 } } as const;
    expect(await signTicket(signOrigin, ada, rotate)).toMatchObject({
      status: 403,
      body: { detail: 'An agent’s secrets are shown to its owner, who signs for them.' },
    });
  });
});

describe('New secrets', () => {
  test('take the place of the old ones, and keep the key unless another is given, or none', async () => {
    const { secrets, row } = await register({ publicJwk: JWK });
    const rotate = (more: object = {}) =>
      signTicket(signOrigin, ada, { kind: 'agent.rotate', params: { agentId: row.id, days: 30, ...more } });
    const kept = secretsIn(await rotate());
    expect(kept?.token).not.toBe(secrets.token);
    expect((await agentOf()).signed).toMatchObject({ keyThumbprint: THUMBPRINT });
    expect(secretsIn(await rotate({ publicJwk: null }))?.collect).toMatch(/^cs_col_/);
    expect((await agentOf()).signed).toMatchObject({ keyThumbprint: null, publicJwk: null });
  });

  test('deny what it asked: another approver signs nothing for a thief of the cookie to collect (T82)', async () => {
    const target = await addTokenTarget(signOrigin, ada);
    const id = await pendingRequest(signOrigin, target, ada);
    const offer = await offered(signOrigin, ada, approve(id));
    const { agentId } = await signOrigin.owner.request.findUniqueOrThrow({ where: { id } });
    await signTicket(signOrigin, ada, { kind: 'agent.rotate', params: { agentId, days: 90 } });
    expect((await submit(signOrigin, offer, ada.key)).status).toBe(403);
    expect(await signOrigin.owner.grant.count({ where: { requestId: id } })).toBe(0);
    expect(await signOrigin.owner.request.findUniqueOrThrow({ where: { id } })).toMatchObject({
      state: 'denied',
      stateReason: 'The agent was given other secrets.',
    });
  });
});

test('A name, an owner, and being on are signed as well; a deleted agent is nobody’s', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const { row } = await register();
  const change = { kind: 'agent.change', params: { agentId: row.id, name: 'robot', ownerId: bob.id } } as const;
  expect((await signTicket(signOrigin, ada, change)).status).toBe(200);
  expect((await agentOf('robot')).signed).toMatchObject({ name: 'robot', ownerId: bob.id });
  const enable = { kind: 'agent.enable', params: { agentId: row.id } } as const;
  // A page that was opened before somebody turns it off would turn it on again.
  expect(await signTicket(signOrigin, bob, enable)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  await signOrigin.web.agent.update({ where: { id: row.id }, data: { state: 'disabled' } });
  expect((await signTicket(signOrigin, bob, enable)).status).toBe(200);
  expect((await agentOf('robot')).row.state).toBe('active');
  await signOrigin.web.agent.update({ where: { id: row.id }, data: { state: 'deleted' } });
  expect(await signTicket(signOrigin, bob, enable)).toMatchObject({ status: 404 });
  // Nor where the tables' owner says later that it is only disabled.
  await stealth(`UPDATE agents SET state = 'disabled' WHERE id = '${row.id}'`);
  expect(await signTicket(signOrigin, bob, enable)).toMatchObject({ status: 404 });
});

test('A name stays an agent’s while it is off, though somebody hides it in its row (T65)', async () => {
  const { row } = await register();
  await signOrigin.web.agent.update({ where: { id: row.id }, data: { state: 'disabled' } });
  const enable = { kind: 'agent.enable', params: { agentId: row.id } } as const;
  const offer = await offered(signOrigin, ada, enable);
  await stealth(`UPDATE agents SET name = 'hidden' WHERE id = '${row.id}'`);
  expect(await signTicket(signOrigin, ada, bot())).toMatchObject({
    status: 409,
    body: { detail: 'There is an agent named bot already.' },
  });
  expect((await submit(signOrigin, offer, ada.key)).status).toBe(200);
});

describe('A thief of the database', () => {
  test('is shown no secrets of another’s draft by signing one of their own', async () => {
    const mallory = await admit(signOrigin, ada, 'Mallory', 'approver', softKey(signOrigin.home));
    const victim = await offered(signOrigin, ada, bot());
    const own = await offered(signOrigin, mallory, bot({ name: 'own' }));
    const { revealed } = await signOrigin.owner.draft.findUniqueOrThrow({ where: { id: victim.draft } });
    await signOrigin.owner.draft.update({ where: { id: own.draft }, data: { revealed } });
    const reply = await submit(signOrigin, own, mallory.key);
    expect(secretsIn(reply)).toBeUndefined();
    expect(await signOrigin.owner.agent.count({ where: { name: 'own' } })).toBe(0);
  });

  test('who garbles secrets that are to be shown stops the change with them', async () => {
    const offer = await offered(signOrigin, ada, bot());
    await signOrigin.owner.draft.update({ where: { id: offer.draft }, data: { revealed: 'x'.repeat(80) } });
    expect((await submit(signOrigin, offer, ada.key)).status).toBeGreaterThanOrEqual(400);
    expect(await signOrigin.owner.agent.count()).toBe(0);
  });
});

test('The same statement for another key takes its secrets over: once they are shown no draft has them', async () => {
  const offer = await offered(signOrigin, ada, bot());
  const challenge = [...challengeOf(offer.statement)];
  const again = await signOrigin.post('/api/rekey', { draft: offer.draft, keyId: offer.keyId, challenge });
  expect(await submit(signOrigin, offer, ada.key)).toMatchObject({ status: 409, body: { code: 'draft_stale' } });
  const secrets = secretsIn(await submit(signOrigin, again.body as unknown as Offered, ada.key));
  expect((await agentOf()).signed?.tokenHash).toBe(sha256Base64url(secrets?.token ?? ''));
  expect(await signOrigin.owner.draft.count({ where: { revealed: { not: null } } })).toBe(0);
});
