import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { openSession, type TicketAsk } from '#lib/identity';
import { holdOpen } from '#testing/database';
import { type SoftKey, softKey } from '#testing/security-key';
import {
  addTokenTarget,
  admit,
  approve,
  type Member,
  openSignOrigin,
  pendingRequest,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';
import { checkProjection, startFollowing } from './index';

/*
 * Whoever may write to one column of a row may hold the row locked for as long as
 * they like. What an owner signs counts all the same, at once (T85).
 */

let signOrigin: SignOrigin;
let ada: Member;
let bob: Member;
let following: ReturnType<typeof startFollowing>;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
  bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  following = startFollowing(signOrigin.warden);
});
afterEach(async () => {
  await following.stop();
  await signOrigin.close();
});

const authority = () => signOrigin.warden.authority.current(signOrigin.warden.db);
const keyOf = async (who: Member) =>
  [...(await authority()).keys.values()].find(({ humanId, active }) => humanId === who.id && active)?.id ?? '';
const isSignedIn = async (id: string) => (await openSession(signOrigin.web, id)) !== null;

/** What holds each row that web may change or take away, table by table. */
const HOLDS = `SELECT table_name AS name, format('SELECT 1 FROM %I FOR UPDATE', table_name) AS sql
  FROM information_schema.role_column_grants
  WHERE grantee = current_user AND privilege_type = 'UPDATE' AND table_schema = 'public'
  UNION SELECT table_name, format('DELETE FROM %I', table_name) FROM information_schema.role_table_grants
  WHERE grantee = current_user AND privilege_type = 'DELETE' AND table_schema = 'public'`;

/** Holds every row that web's role can hold, or those of one table, until the returned function is called. */
async function hold(only?: string): Promise<() => Promise<void>> {
  const holds = await signOrigin.web.$queryRawUnsafe<Array<{ name: string; sql: string }>>(HOLDS);
  expect(holds.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['sessions', 'agents', 'grants', 'requests', 'key_sign_ins']),
  );
  return holdOpen(
    signOrigin.web,
    holds.filter(({ name }) => name === (only ?? name)).map(({ sql }) => sql),
  );
}

const signedIn = async (who: Member): Promise<string> => {
  const id = newId('ses');
  const expiresAt = new Date(Date.now() + 3_600_000);
  await signOrigin.web.session.create({
    data: { id, humanId: who.id, method: 'key', userAgent: '', expiresAt, createdAt: new Date(Date.now() - 1_000) },
  });
  expect(await isSignedIn(id)).toBe(true);
  return id;
};

/** The web server hands out tickets as ever; what it holds are the rows that are there. */
async function whileHeld(ask: TicketAsk, check: () => Promise<void>): Promise<void> {
  const letGo = await hold();
  try {
    expect(await signTicket(signOrigin, ada, ask)).toMatchObject({ status: 200, body: { done: ask.kind } });
    await check();
  } finally {
    await letGo();
  }
  await expect.poll(() => signOrigin.owner.rowsDue.count(), { timeout: 15_000 }).toBe(0);
  await checkProjection(signOrigin.warden);
  expect(signOrigin.warden.alarms.list()).toEqual([]);
}

describe('While web’s role holds every row that it can', () => {
  test('somebody is disabled, and is signed out at once', async () => {
    const session = await signedIn(bob);
    await whileHeld({ kind: 'human.disable', params: { humanId: bob.id } }, async () => {
      expect((await authority()).humans.get(bob.id)).toMatchObject({ active: false });
      expect(await isSignedIn(session)).toBe(false);
    });
    const row = await signOrigin.owner.session.findUniqueOrThrow({ where: { id: session } });
    expect(row.revokedAt).not.toBeNull();
  });

  test('a key is disabled, and its person is signed out; web cannot take that back', async () => {
    const second = softKey(signOrigin.home);
    const enrolled = await enroll(second);
    const session = await signedIn(ada);
    await whileHeld({ kind: 'key.disable', params: { keyId: enrolled } }, async () => {
      expect((await authority()).keys.get(enrolled)).toMatchObject({ active: false });
      expect(await isSignedIn(session)).toBe(false);
      const row = await signOrigin.owner.key.findUniqueOrThrow({ where: { id: enrolled } });
      expect(row.state).toBe('disabled');
    });
    await signOrigin.web.session.updateMany({ data: { revokedAt: null } });
    expect(await isSignedIn(session)).toBe(false);
  });

  test('an agent is given other secrets, other words and another owner; what it asked is denied afterwards', async () => {
    const asked = await pendingRequest(signOrigin, await addTokenTarget(signOrigin, ada), ada);
    const { agentId: agent } = await signOrigin.owner.request.findUniqueOrThrow({ where: { id: asked } });
    await whileHeld({ kind: 'agent.rotate', params: { agentId: agent, days: 30 } }, async () => {
      const [signed, row] = [(await authority()).agents.get(agent), await rowOf(agent)];
      expect(signed?.tokenHash).not.toBe(row.tokenHash);
    });
    expect((await rowOf(agent)).tokenHash).toBe((await authority()).agents.get(agent)?.tokenHash);
    const request = await signOrigin.owner.request.findUniqueOrThrow({ where: { id: asked } });
    expect(request).toMatchObject({ state: 'denied', stateReason: 'The agent was given other secrets.' });
    const change = { agentId: agent, name: 'other', ownerId: bob.id };
    await whileHeld({ kind: 'agent.change', params: change }, async () => {
      expect((await authority()).agents.get(agent)).toMatchObject({ name: 'other', ownerId: bob.id });
    });
    expect(await rowOf(agent)).toMatchObject({ name: 'other', ownerId: bob.id });
  });

  test('whose owner goes belongs to somebody else at once', async () => {
    const agent = await registered(bob);
    await whileHeld({ kind: 'human.disable', params: { humanId: bob.id, agentsTo: ada.id } }, async () => {
      expect((await authority()).agents.get(agent)).toMatchObject({ ownerId: ada.id });
    });
    expect(await rowOf(agent)).toMatchObject({ ownerId: ada.id });
  });

  test('a target is disabled', async () => {
    const target = await addTokenTarget(signOrigin, ada);
    await whileHeld({ kind: 'target.disable', params: { targetId: target } }, async () => {
      expect((await authority()).targets.get(target)).toMatchObject({ active: false });
    });
  });

  test('what waits for a row is written after a restart, and what was signed in between stands', async () => {
    const agent = await registered();
    const letGo = await hold();
    for (const days of [30, 60])
      expect(
        (await signTicket(signOrigin, ada, { kind: 'agent.rotate', params: { agentId: agent, days } })).status,
      ).toBe(200);
    await following.stop();
    expect(await signOrigin.owner.rowsDue.count()).toBe(2);
    await letGo();
    following = startFollowing(signOrigin.restarted());
    await expect.poll(() => signOrigin.owner.rowsDue.count(), { timeout: 15_000 }).toBe(0);
    const [row, signed] = [await rowOf(agent), (await authority()).agents.get(agent)];
    expect(row).toMatchObject({ tokenHash: signed?.tokenHash, expiresAt: signed?.expiresAt });
  });
});

const rowOf = (id: string) => signOrigin.owner.agent.findUniqueOrThrow({ where: { id } });

async function registered(by: Member = ada): Promise<string> {
  const params = { name: `bot-${newId('agt').slice(-6)}`, description: '', days: 90 };
  expect((await signTicket(signOrigin, by, { kind: 'agent.register', params })).status).toBe(200);
  return (await signOrigin.owner.agent.findFirstOrThrow({ where: { name: params.name } })).id;
}

test('A name that a row does not have yet is taken all the same', async () => {
  const agent = await registered();
  const letGo = await hold();
  const change = { agentId: agent, name: 'renamed', ownerId: ada.id };
  expect((await signTicket(signOrigin, ada, { kind: 'agent.change', params: change })).status).toBe(200);
  const another = { name: 'Renamed', description: '', days: 90 };
  expect(await signTicket(signOrigin, ada, { kind: 'agent.register', params: another })).toMatchObject({
    status: 409,
    body: { detail: 'There is an agent named Renamed already.' },
  });
  await letGo();
});

test('A statement is signed with a key whose sign-in web holds', async () => {
  await signOrigin.web.keySignIn.create({ data: { keyId: await keyOf(bob), counter: 9n, usedAt: new Date() } });
  const asked = await pendingRequest(signOrigin, await addTokenTarget(signOrigin, ada), ada);
  const letGo = await hold('key_sign_ins');
  expect((await signTicket(signOrigin, bob, approve(asked))).status).toBe(200);
  await letGo();
});

/** A further key of Ada's. Returns its id. */
async function enroll(key: SoftKey): Promise<string> {
  const ticket = await signOrigin.ticket(ada.id, { kind: 'key.enroll', params: {} });
  const begun = (await signOrigin.post('/api/enroll/begin', { ticket })).body as unknown as {
    readonly draft: string;
    readonly options: { readonly challenge: string };
  };
  const made = { ticket, draft: begun.draft, label: 'Second', registration: key.register(begun.options.challenge) };
  const { body } = await signOrigin.post('/api/enroll/finish', made);
  expect((await submit(signOrigin, body as never, ada.key)).status).toBe(200);
  const { keys } = await authority();
  return [...keys.values()].find(({ credentialId }) => credentialId === key.credentialId)?.id ?? '';
}
