import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Authority } from '#lib/authority';
import { newId } from '#lib/core';
import { Prisma } from '#lib/db';
import { openSession } from '#lib/identity';
import { holdOpen } from '#testing/database';
import { softKey } from '#testing/security-key';
import {
  addTokenTarget,
  admit,
  approve,
  type Member,
  offered,
  openSignOrigin,
  pendingRequest,
  type SignOrigin,
  setUp,
  signTicket,
  submit,
} from '#testing/sign-origin';
import { checkProjection, followNow, retireKey } from './index';

/* Rows that follow an entry, while others sign, hold rows, or take what is due away (T85). */

let signOrigin: SignOrigin;
let ada: Member;
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
});
afterEach(() => signOrigin.close());

const authority = () => signOrigin.warden.authority.current(signOrigin.warden.db);
const alarms = () => signOrigin.warden.alarms.list().map(({ code }) => code);
const rotate = (agentId: string) =>
  signTicket(signOrigin, ada, { kind: 'agent.rotate', params: { agentId, days: 30 } });

async function registered(by: Member = ada): Promise<string> {
  const params = { name: `bot-${newId('agt').slice(-6)}`, description: '', days: 90 };
  expect((await signTicket(signOrigin, by, { kind: 'agent.register', params })).status).toBe(200);
  return (await signOrigin.owner.agent.findFirstOrThrow({ where: { name: params.name } })).id;
}

/** Holds what this statement of web's locks until the returned function is called. */
const hold = (sql: string) => holdOpen(signOrigin.web, [sql]);
const AGENTS = 'SELECT 1 FROM agents FOR UPDATE';

/** A warden in whose reading of the chain something happens once. */
function meanwhile(act: () => Promise<unknown>): typeof signOrigin.warden {
  const { warden } = signOrigin;
  let done = false;
  const current = async (db: Parameters<typeof warden.authority.current>[0]): Promise<Authority> => {
    const known = await warden.authority.current(db);
    if (!done) {
      done = true;
      await act();
    }
    return known;
  };
  return { ...warden, authority: { ...warden.authority, current } };
}

test('What is signed while rows are being written is written too, and no older word after it', async () => {
  const agent = await registered();
  const warden = meanwhile(async () => {
    const letGo = await hold(AGENTS);
    expect((await rotate(agent)).status).toBe(200);
    await letGo();
  });
  await followNow(warden);
  await followNow(signOrigin.warden);
  const row = await signOrigin.owner.agent.findUniqueOrThrow({ where: { id: agent } });
  expect(row.tokenHash).toBe((await authority()).agents.get(agent)?.tokenHash);
  expect(await signOrigin.owner.rowsDue.count()).toBe(0);
});

test('Rows that are held take few connections, however many are due, and are no tampering', async () => {
  const agents: string[] = [];
  for (let n = 0; n < 6; n += 1) agents.push(await registered());
  const letGo = await hold(AGENTS);
  for (const agent of agents) expect((await rotate(agent)).status).toBe(200);
  const rounds = Array.from({ length: 6 }, () => followNow(signOrigin.warden));
  let most = 0;
  for (let n = 0; n < 10; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 80));
    const [row] = await signOrigin.owner.$queryRaw<Array<{ waiting: bigint }>>`
      SELECT count(*) AS waiting FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE NOT l.granted AND a.datname = current_database()`;
    most = Math.max(most, Number(row?.waiting ?? 0));
  }
  await Promise.all(rounds);
  await checkProjection(signOrigin.warden);
  expect(alarms()).toEqual([]);
  await letGo();
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4);
  await followNow(signOrigin.warden);
  expect(await signOrigin.owner.rowsDue.count()).toBe(0);
});

test('What was asked while an entry committed is denied with it, and nothing that is asked later', async () => {
  const target = await addTokenTarget(signOrigin, ada);
  const [asked, later] = [await pendingRequest(signOrigin, target, ada), await pendingRequest(signOrigin, target, ada)];
  const { agentId } = await signOrigin.owner.request.findUniqueOrThrow({ where: { id: asked } });
  const letGo = await hold('SELECT 1 FROM requests FOR UPDATE');
  expect((await rotate(agentId)).status).toBe(200);
  const entry = await signOrigin.owner.chainEntry.findFirstOrThrow({ where: { kind: 'agent.rotate' } });
  const { agentId: _, ...other } = await signOrigin.owner.request.findUniqueOrThrow({ where: { id: later } });
  const file = async (afterMs: number): Promise<string> => {
    const createdAt = new Date(entry.createdAt.getTime() + afterMs);
    const id = newId('req');
    const row = { ...other, id, agentId, createdAt, ttlSeconds: other.ttlSeconds + afterMs / 1_000 };
    await signOrigin.owner.request.create({ data: { ...row, preview: {}, operation: Prisma.DbNull } });
    return id;
  };
  const [during, after] = [await file(2_000), await file(60_000)];
  await letGo();
  await followNow(signOrigin.warden);
  const stateOf = async (id: string) => (await signOrigin.owner.request.findUniqueOrThrow({ where: { id } })).state;
  expect([await stateOf(asked), await stateOf(during), await stateOf(after)]).toEqual(['denied', 'denied', 'pending']);
});

test('Who signs in with a key while it is being disabled is signed out once more afterwards', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  expect((await signTicket(signOrigin, ada, { kind: 'human.disable', params: { humanId: bob.id } })).status).toBe(200);
  const entry = await signOrigin.owner.chainEntry.findFirstOrThrow({ where: { kind: 'human.disable' } });
  const { signedOutAt } = await signOrigin.owner.human.findUniqueOrThrow({ where: { id: bob.id } });
  expect(signedOutAt?.getTime()).toBeGreaterThan(entry.createdAt.getTime());
});

test('Web can lock no table whole that the warden reads', async () => {
  const rights = await signOrigin.owner.$queryRaw<Array<{ name: string }>>`
    SELECT DISTINCT table_name AS name FROM information_schema.role_table_grants
    WHERE grantee = 'countersign_web' AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')`;
  expect(rights).toEqual([{ name: 'sign_in_challenges' }]);
  await expect(hold('LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE')).rejects.toThrow();
});

test('An approval whose request web holds is told so, and holds up no other signature of that key', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const asked = await pendingRequest(signOrigin, await addTokenTarget(signOrigin, ada), bob);
  const one = await offered(signOrigin, ada, approve(asked));
  const two = await offered(signOrigin, ada, { kind: 'keys.accept', params: { acceptsClaimed: false } });
  const letGo = await hold('SELECT 1 FROM requests FOR UPDATE');
  const approval = submit(signOrigin, one, ada.key);
  expect((await submit(signOrigin, two, ada.key)).status).toBe(200);
  expect(await approval).toMatchObject({ status: 503, body: { detail: expect.stringContaining('Somebody holds') } });
  await letGo();
});

test('An agent that cannot be turned on, since web holds its row, holds up no other entry', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'approver', softKey(signOrigin.home));
  const agent = await registered(bob);
  await signOrigin.owner.agent.update({ where: { id: agent }, data: { state: 'disabled' } });
  const on = await offered(signOrigin, bob, { kind: 'agent.enable', params: { agentId: agent } });
  const off = await offered(signOrigin, ada, { kind: 'human.disable', params: { humanId: bob.id } });
  const letGo = await hold(AGENTS);
  const turning = submit(signOrigin, on, bob.key);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // It waited for the entry before it, which came to nothing.
  const first = await submit(signOrigin, off, ada.key);
  expect([200, 503]).toContain(first.status);
  expect((await turning).status).toBe(503);
  if (first.status !== 200) expect((await submit(signOrigin, off, ada.key)).status).toBe(200);
  expect((await authority()).humans.get(bob.id)).toMatchObject({ active: false });
  await letGo();
});

test('A session that web dated ahead, or made last for ever, is none', async () => {
  const [id, other] = [newId('ses'), newId('ses')];
  const [ahead, farOff] = [new Date(Date.now() + 3_600_000), new Date(Date.now() + 300 * 86_400_000)];
  const session = { humanId: ada.id, method: 'key', userAgent: '' };
  const soon = new Date(ahead.getTime() + 60_000);
  await signOrigin.web.session.create({
    data: { ...session, id, createdAt: ahead, lastSeenAt: ahead, expiresAt: soon },
  });
  await signOrigin.web.session.create({ data: { ...session, id: other, expiresAt: farOff } });
  expect([await openSession(signOrigin.web, id), await openSession(signOrigin.web, other)]).toEqual([null, null]);
});

test('A key of which it is said that it counts no more counts no more, whatever was signed meanwhile (T12)', async () => {
  const bob = await admit(signOrigin, ada, 'Bob', 'owner', softKey(signOrigin.home));
  const key = [...(await authority()).keys.values()].find(({ humanId }) => humanId === bob.id)?.id ?? '';
  await retireKey(meanwhile(registered), key, 'a copy was seen.');
  expect((await authority()).keys.get(key)).toMatchObject({ active: false });
  expect(alarms()).toEqual(['key_retired']);
  expect(await signOrigin.owner.chainEntry.count({ where: { kind: 'key.retire' } })).toBe(1);
});
