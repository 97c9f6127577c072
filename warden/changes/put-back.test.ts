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

/** On a busy machine it may take longer than whoever has signed would wait. */
async function putRight(warden = signOrigin.warden): Promise<void> {
  const goesOn = async (): Promise<boolean> => {
    await followNow(warden);
    await warden.authority.current(warden.db);
    return warden.vault.readRestored() === null;
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
    expect(freeze?.reason).toContain('no history');
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
  expect(signOrigin.warden.vault.readRestored()).not.toBeNull();
  expect((await standing()).length).toBe(1);
  await letGo();
  await putRight(signOrigin.restarted());
  expect(signOrigin.warden.vault.readRestored()).toBeNull();
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
  signOrigin.warden.vault.writeRestored({ backupOf: '2026-11-28T10:00:00.000Z', freezeId: null });
  await putRight();
  const [freeze] = await standing();
  expect(freeze?.reason).toContain('restored from the backup of 2026-11-28 10:00 UTC');
  expect((await thaw(ada, freeze?.id ?? '')).status).toBe(200);
  await followNow(signOrigin.warden);
  expect(await standing()).toEqual([]);
});
