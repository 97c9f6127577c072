import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#lib/core';
import { openSession } from '#lib/identity';
import { openStatement } from '#lib/statement';
import { withClient } from '#scripts/postgres';
import { holdOpen, takeBackup } from '#testing/database';
import { softKey } from '#testing/security-key';
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
} from '#testing/sign-origin';
import { countingAgent } from '../authority';
import { checkProjection, followNow } from './index';

/* A database that was put back in time: restored from a backup, or cut by somebody (T75). */

let signOrigin: SignOrigin;
let ada: Member;
let bob: Member;
let targetId: string;
let asked: string;
let restore: () => Promise<void>;

/** Bob is an owner, and something is asked; that is what the backup knows. */
beforeEach(async () => {
  signOrigin = await openSignOrigin();
  ada = await setUp(signOrigin, softKey(signOrigin.home));
  bob = await admit(signOrigin, ada, 'Bob', 'owner', softKey(signOrigin.home));
  targetId = await addTokenTarget(signOrigin, ada);
  asked = await pendingRequest(signOrigin, targetId, ada);
  restore = await takeBackup(signOrigin.adminUrl);
});
afterEach(() => signOrigin.close());

const disableBob = () => signTicket(signOrigin, ada, { kind: 'human.disable', params: { humanId: bob.id } });
const thaw = (by: Member, freezeId: string) =>
  signTicket(signOrigin, by, { kind: 'freeze.thaw', params: { freezeId } });
const asAdmin = (sql: string) => withClient(signOrigin.adminUrl, (client) => client.query(sql));
const entries = () => signOrigin.owner.chainEntry.findMany({ orderBy: { seq: 'asc' } });
const standing = () => signOrigin.owner.freeze.findMany({ where: { thawedAt: null } });
const seen = () => signOrigin.warden.vault.seenFreezes.list();
const putBackEvents = () => signOrigin.owner.auditEvent.count({ where: { kind: 'database.put_back' } });

const OUT_OF_BACKUP = () => ({
  ...{ backupOf: '2026-11-28T10:00:00.000Z', at: new Date().toISOString() },
  ...{ since: null, freezeId: null, agents: false, done: false },
});
/** What an approval is answered. */
const approved = async (by = ada) => signTicket(signOrigin, by, approve(asked));
const agentOf = async (requestId: string): Promise<string> =>
  (await signOrigin.owner.request.findUniqueOrThrow({ where: { id: requestId } })).agentId;
const stateOf = async (id: string): Promise<string | undefined> =>
  (await signOrigin.owner.agent.findUnique({ where: { id } }))?.state;
const isCounting = async (id: string): Promise<boolean> => {
  const { warden } = signOrigin;
  return (await countingAgent(warden, await warden.authority.current(warden.db), id)) !== null;
};

/** On a busy machine it may take longer than whoever has signed would wait. */
async function putRight(warden = signOrigin.warden): Promise<void> {
  const goesOn = async (): Promise<boolean> => {
    await followNow(warden);
    await warden.authority.current(warden.db);
    return !warden.vault.isPuttingBack();
  };
  await expect.poll(() => goesOn().catch(() => false), { timeout: 20_000 }).toBe(true);
}

async function expectTruth(): Promise<void> {
  await checkProjection(signOrigin.warden);
  expect(signOrigin.warden.alarms.list()).toEqual([]);
}

describe('An older database', () => {
  test('is given every entry that it lacks, and everything is frozen until an owner accepts the loss', async () => {
    expect((await disableBob()).status).toBe(200);
    const carol = await admit(signOrigin, ada, 'Carol', 'approver', softKey(signOrigin.home));
    const later = await pendingRequest(signOrigin, targetId, ada);
    expect((await signTicket(signOrigin, carol, approve(later))).status).toBe(200);
    const { id: grantId } = await signOrigin.owner.grant.findFirstOrThrow({ where: { requestId: later } });
    const before = await entries();

    await restore();
    await putRight();
    expect(await entries()).toEqual(before);
    await expectTruth();
    const people = await signOrigin.owner.human.findMany({ orderBy: { name: 'asc' } });
    expect(people.map(({ name, state }) => `${name} ${state}`)).toEqual(['Ada active', 'Bob disabled', 'Carol active']);
    const [freeze, ...more] = await standing();
    expect(more).toEqual([]);
    expect(freeze?.humanId).toBe('warden');
    expect(freeze?.reason).toContain('human.disable (Bob)');
    expect(freeze?.reason).toContain(grantId);
    expect(await signOrigin.owner.request.findUniqueOrThrow({ where: { id: asked } })).toMatchObject({
      state: 'denied',
      stateReason: expect.stringContaining('Ask again.'),
    });
    const soon = await pendingRequest(signOrigin, targetId, ada);
    expect((await signTicket(signOrigin, carol, approve(soon))).body.detail).toMatch(/frozen/i);

    expect((await thaw(ada, freeze?.id ?? '')).status).toBe(200);
    const { statement } = await signOrigin.owner.chainEntry.findFirstOrThrow({ where: { kind: 'freeze.thaw' } });
    expect(openStatement(statement)).toMatchObject({ frozenBy: { id: 'warden' }, reason: freeze?.reason });
    await followNow(signOrigin.warden);
    expect(await standing()).toEqual([]);
    expect((await signTicket(signOrigin, carol, approve(soon))).status).toBe(200);
    expect(await putBackEvents()).toBe(1);
    await expectTruth();
  });

  test('brings nobody back: who was removed since ends no freeze, and is signed in no more', async () => {
    const id = newId('ses');
    const expiresAt = new Date(Date.now() + 3_600_000);
    const session = { humanId: bob.id, method: 'key', userAgent: 'a browser', expiresAt };
    await signOrigin.web.session.create({ data: { ...session, id } });
    const hers = newId('ses');
    await signOrigin.web.session.create({ data: { ...session, id: hers, humanId: ada.id } });
    restore = await takeBackup(signOrigin.adminUrl);
    await disableBob();
    await restore();
    await putRight();
    const [freeze] = await standing();
    expect((await thaw(bob, freeze?.id ?? '')).status).toBe(403);
    expect(await openSession(signOrigin.web, id)).toBeNull();
    // Hers may have been ended since, and nobody knows.
    expect(await openSession(signOrigin.web, hers)).toBeNull();
    expect((await standing()).length).toBe(1);
  });

  test('may be empty, and may be met first after a restart', async () => {
    const before = await entries();
    await asAdmin(`SET session_replication_role = replica; TRUNCATE chain, humans, keys, targets, agents, requests, grants,
      approvals, audit_events, sessions, sealed, provider_secrets, rest_allowances, freezes, tickets, drafts CASCADE`);
    await putRight(signOrigin.restarted());
    expect(await entries()).toEqual(before);
    await expectTruth();
    const [freeze] = await standing();
    expect((await thaw(ada, freeze?.id ?? '')).status).toBe(200);
  });

  test('has names and addresses that others have by now', async () => {
    await signOrigin.owner.human.create({
      data: { id: newId('hum'), name: 'Carol', email: 'carol@example.com', role: 'approver', state: 'waiting' },
    });
    restore = await takeBackup(signOrigin.adminUrl);
    await signOrigin.owner.human.deleteMany({ where: { name: 'Carol' } });
    await admit(signOrigin, ada, 'Carol', 'approver', softKey(signOrigin.home));
    const disabled = await signTicket(signOrigin, ada, { kind: 'target.disable', params: { targetId } });
    expect(disabled.status).toBe(200);
    await signOrigin.owner.target.updateMany({ data: { name: 'old' } });
    await addTokenTarget(signOrigin, ada);
    await restore();
    await putRight();
    await expectTruth();
    expect(await signOrigin.owner.human.count({ where: { email: 'carol@example.com', state: 'active' } })).toBe(1);
  });
});

test('What the warden has begun is finished, however often it is cut off, and is one freeze', async () => {
  await disableBob();
  await restore();
  const letGo = await holdOpen(signOrigin.web, ['SELECT 1 FROM agents FOR UPDATE']);
  await followNow(signOrigin.warden);
  expect(signOrigin.warden.vault.isPuttingBack()).toBe(true);
  expect((await approved()).body.detail).toMatch(/frozen/i);
  expect((await standing()).length).toBe(1);
  await letGo();
  await putRight(signOrigin.restarted());
  await followNow(signOrigin.warden);
  expect(seen().length).toBe(1);
  expect(await putBackEvents()).toBe(1);
  await expectTruth();
});

test('A database that is put back again and again begins one freeze', async () => {
  await disableBob();
  for (let n = 0; n < 3; n += 1) {
    await restore();
    await putRight();
    expect((await standing()).length).toBe(1);
  }
  expect(seen().length).toBe(1);
});

test.each([
  ['was changed', `UPDATE chain SET statement = replace(statement, 'Bob', 'Rob') WHERE seq = 2`],
  ['misses an entry in its middle', 'DELETE FROM chain WHERE seq = 2'],
  ['holds another entry in its place', `DELETE FROM chain WHERE seq > 2; UPDATE chain SET hash = 'x' WHERE seq = 2`],
])('A chain that %s is no older one: it stays as it is, and nothing is minted', async (_, sql) => {
  await asAdmin(`SET session_replication_role = replica; ${sql}`);
  const before = await entries();
  await followNow(signOrigin.restarted());
  expect(await entries()).toEqual(before);
  expect(seen()).toEqual([]);
  await expect(signOrigin.restarted().authority.current(signOrigin.warden.db)).rejects.toMatchObject({
    code: 'minting_stopped',
  });
});

test('A folder out of a backup freezes everything as well, though its database lacks nothing', async () => {
  signOrigin.warden.vault.writeRestored(OUT_OF_BACKUP());
  await putRight();
  const [freeze] = await standing();
  expect(freeze?.reason).toContain('restored from the backup of 2026-11-28 10:00 UTC');
  expect((await thaw(ada, freeze?.id ?? '')).status).toBe(200);
  await followNow(signOrigin.warden);
  expect(await standing()).toEqual([]);
});

describe('Until everything is right again nothing is approved', () => {
  test.each([
    ['what is due locked', 'LOCK TABLE chain_rows_due'],
    ['the record locked', 'LOCK TABLE audit_events'],
  ])('with %s by who owns the tables', async (_, sql) => {
    signOrigin.warden.vault.writeRestored(OUT_OF_BACKUP());
    const letGo = await holdOpen(signOrigin.owner, [sql]);
    const round = followNow(signOrigin.warden);
    const ticket = await signOrigin.ticket(ada.id, approve(asked));
    const answer = signOrigin.post('/api/ticket', { ticket });
    await round;
    await letGo();
    expect((await answer).status).not.toBe(200);
    await putRight();
    expect((await standing()).length).toBe(1);
  });

  test('the chain and the freeze wait for no row that web holds by referring to it', async () => {
    await disableBob();
    await signOrigin.owner.human.updateMany({ where: { id: ada.id }, data: { email: 'old@example.com' } });
    restore = await takeBackup(signOrigin.adminUrl);
    await signOrigin.owner.human.updateMany({ where: { id: ada.id }, data: { email: 'ada@example.com' } });
    await signTicket(signOrigin, ada, { kind: 'target.disable', params: { targetId } });
    const before = await entries();
    await restore();
    const columns = `id, human_id, method, user_agent, expires_at`;
    const letGo = await holdOpen(signOrigin.web, [
      `INSERT INTO sessions (${columns}) VALUES ('${newId('ses')}', '${ada.id}', 'key', '', now() + interval '1 hour')`,
    ]);
    await followNow(signOrigin.warden);
    await expect.poll(async () => (await standing()).length, { timeout: 10_000 }).toBe(1);
    expect(await entries()).toEqual(before);
    expect(signOrigin.warden.vault.isPuttingBack()).toBe(true);
    await letGo();
    await putRight();
    await expectTruth();
  });
});

describe('An agent', () => {
  test('that came since is there again and on; one whose row was taken away, or says off, stays off', async () => {
    const old = await agentOf(asked);
    const off = await agentOf(await pendingRequest(signOrigin, targetId, ada));
    const gone = await agentOf(await pendingRequest(signOrigin, targetId, ada));
    // Nobody has seen yet that it is off.
    await asAdmin(`SET session_replication_role = replica; UPDATE agents SET state = 'deleted' WHERE id = '${off}';
      DELETE FROM agents WHERE id = '${gone}'`);
    restore = await takeBackup(signOrigin.adminUrl);
    const since = await agentOf(await pendingRequest(signOrigin, targetId, ada));
    await restore();
    await putRight();
    expect([await stateOf(old), await stateOf(off), await stateOf(gone), await stateOf(since)]).toEqual([
      ...['active', 'deleted', 'disabled', 'active'],
    ]);
    expect([await isCounting(old), await isCounting(off), await isCounting(gone), await isCounting(since)]).toEqual([
      ...[true, false, false, true],
    ]);
    await asAdmin(`SET session_replication_role = replica; UPDATE agents SET state = 'active' WHERE id = '${off}'`);
    expect(await isCounting(off)).toBe(false);
  });

  test('gets its token back from a row that was forged to have it', async () => {
    const id = await agentOf(await pendingRequest(signOrigin, targetId, ada));
    const { tokenHash } = await signOrigin.owner.agent.findUniqueOrThrow({ where: { id } });
    await restore();
    await asAdmin(`INSERT INTO agents (id, name, description, owner_id, token_hash, token_hint, state, expires_at)
      VALUES ('${newId('agt')}', 'forged', '', '${ada.id}', '${tokenHash}', 'xxxx', 'active', now())`);
    await putRight();
    expect((await signOrigin.owner.agent.findUniqueOrThrow({ where: { id } })).tokenHash).toBe(tokenHash);
    expect(await isCounting(id)).toBe(true);
  });

  test('that a session turns off while requests are held stays off', async () => {
    const id = await agentOf(asked);
    await disableBob();
    await restore();
    const letGo = await holdOpen(signOrigin.web, ['SELECT 1 FROM requests FOR UPDATE']);
    await followNow(signOrigin.warden);
    await signOrigin.web.agent.update({ where: { id }, data: { state: 'disabled' } });
    await expect.poll(() => isCounting(id)).toBe(false);
    // Who signs in meanwhile stays so, or nobody could accept.
    const session = { id: newId('ses'), humanId: ada.id, method: 'key', userAgent: 'a browser' };
    await signOrigin.web.session.create({ data: { ...session, expiresAt: new Date(Date.now() + 3_600_000) } });
    await followNow(signOrigin.warden);
    expect(await openSession(signOrigin.web, session.id)).not.toBeNull();
    await letGo();
    await putRight();
    await asAdmin(`SET session_replication_role = replica; UPDATE agents SET state = 'active' WHERE id = '${id}'`);
    expect(await isCounting(id)).toBe(false);
  });
});

describe('Another loss', () => {
  test('after the first was accepted begins another freeze, and who signed in meanwhile is signed out', async () => {
    await disableBob();
    for (const count of [1, 2]) {
      await restore();
      await putRight();
      const [freeze] = await standing();
      expect(seen().length).toBe(count);
      expect((await thaw(ada, freeze?.id ?? '')).status).toBe(200);
      await followNow(signOrigin.warden);
    }
  });

  test('that is larger, or of the folder too, is told by a freeze of its own', async () => {
    const earlier = restore;
    await disableBob();
    const later = await takeBackup(signOrigin.adminUrl);
    await signTicket(signOrigin, ada, { kind: 'target.disable', params: { targetId } });
    for (const back of [later, earlier, later]) {
      await back();
      await putRight();
    }
    expect(seen().map(({ reason }) => reason.includes('human.disable'))).toEqual([false, true]);
    signOrigin.warden.vault.writeRestored(OUT_OF_BACKUP());
    await putRight();
    expect(seen().at(-1)?.reason).toContain('restored from the backup');
    expect(seen().length).toBe(3);
  });
});

test('What was kept before the pin was moved counts as pinned', async () => {
  const { vault } = signOrigin.warden;
  const pin = vault.readPin();
  if (pin === null) throw new Error('not set up');
  await disableBob();
  vault.writePin(pin);
  await restore();
  await expect(signOrigin.restarted().authority.current(signOrigin.warden.db)).rejects.toThrow('older database');
  await putRight();
});
