import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Db, databaseNow, type Prisma, transact } from '#lib/db';
import { freshDatabase } from '#testing/database';
import {
  agent as newAgent,
  grant as newGrant,
  request as newRequest,
  target as newTarget,
  person,
} from '#testing/people';
import {
  askForEnd,
  canCollect,
  canEnd,
  collect,
  createGrant,
  dueForEnding,
  endOf,
  markEnded,
  markTrouble,
  nextExpiry,
  overdue,
} from './index';
import type { GrantState } from './state';

let owner: Db;
let warden: Db;
let web: Db;
let agentId: string;
let targetId: string;

beforeAll(async () => {
  const database = await freshDatabase();
  [owner, warden, web] = [connect(database.ownerUrl), connect(database.wardenUrl), connect(database.webUrl)];
  const ada = await person(owner);
  agentId = (await newAgent(owner, ada.id)).id;
  targetId = (await newTarget(owner)).id;
});
afterAll(() => Promise.all([owner, warden, web].map((each) => each.$disconnect())));

const approvedRequest = async (): Promise<string> =>
  (await newRequest(owner, { agentId, targetId }, { state: 'approved' })).id;
const grantIn = async (data: Parameters<typeof newGrant>[2]) =>
  (await newGrant(owner, { agentId, targetId, requestId: await approvedRequest() }, data)).id;
const terms = async () => ({
  kind: 'elevated' as const,
  requestId: await approvedRequest(),
  agentId,
  targetId,
  resources: ['table/public.bookings'],
  verbs: ['update'],
  ttlSeconds: 600,
  maxUses: null,
  cooldownSeconds: 0,
  collectWithinSeconds: 600,
});
const row = (id: string) => owner.grant.findUniqueOrThrow({ where: { id } });
const kinds = async (grantId: string) =>
  (await owner.auditEvent.findMany({ where: { grantId }, orderBy: { seq: 'asc' } })).map(({ kind }) => kind);
const ready = async () => transact(warden, async (tx, now) => createGrant(tx, now, await terms()));
const seconds = (n: number): Date => new Date(Date.now() + n * 1_000);

describe('The states of a grant', () => {
  test.each<[GrantState, boolean]>([
    ['waiting', true],
    ['ready', true],
    ['active', true],
    ['ending', false],
    ['ended', false],
  ])('%s: may be asked to end %s', (state, end) => {
    expect(canEnd(state)).toBe(end);
  });

  test.each([
    ['in the window', 'ready', -10, 10, true],
    ['on its first instant', 'ready', 0, 10, true],
    ['on its last', 'ready', -10, 0, false],
    ['before its cooldown is over', 'ready', 5, 10, false],
    ['collected', 'active', -10, 10, false],
    ['ended', 'ended', -10, 10, false],
  ])('%s it may be collected or not', (_when, state, from, to, may) => {
    const now = new Date();
    const at = (offset: number) => new Date(now.getTime() + offset * 1_000);
    expect(canCollect({ state, readyAt: at(from), collectBy: at(to) }, now)).toBe(may);
  });
});

describe('Making and collecting', () => {
  test('A request has one grant, whoever races (T64)', async () => {
    const wish = await terms();
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, () => transact(warden, (tx, now) => createGrant(tx, now, wish))),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await owner.grant.count({ where: { requestId: wish.requestId } })).toBe(1);
  });

  test('One collection of twenty starts the clock, by the database’s time', async () => {
    const id = await ready();
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        transact(warden, (tx, now) => collect(tx, now, { id, ttlSeconds: 600 }, 'role')),
      ),
    );
    const won = all.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    const { collectedAt, expiresAt, state } = await row(id);
    expect([state, (expiresAt?.getTime() ?? 0) - (collectedAt?.getTime() ?? 0)]).toEqual(['active', 600_000]);
    expect(await kinds(id)).toEqual(['grant.ready', 'grant.collected']);
  });

  test.each([
    ['before its cooldown is over', { readyAt: seconds(60), collectBy: seconds(120) }],
    ['after its window', { readyAt: seconds(-120), collectBy: seconds(-60) }],
  ])('%s it is not collected', async (_when, window) => {
    const id = await grantIn({ state: 'ready', collectedAt: null, expiresAt: null, ...window });
    await expect(transact(warden, (tx, now) => collect(tx, now, { id, ttlSeconds: 60 }, 'role'))).rejects.toMatchObject(
      { code: 'already_decided' },
    );
    expect(await kinds(id)).toEqual([]);
  });

  test('Where the record cannot be written nothing changes (P4, T74)', async () => {
    const id = await ready();
    const failing = transact(warden, async (tx, now) => {
      await collect(tx, now, { id, ttlSeconds: 60 }, 'role');
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect((await row(id)).state).toBe('ready');
  });
});

describe('Ending', () => {
  test('Web may ask for an end (P9); asked twice, the first reason stands', async () => {
    const id = await grantIn({ state: 'active' });
    const ask = (reason: 'revoked' | 'expired', by: string) =>
      transact(web, (tx, now) => askForEnd(tx, now, id, { reason, by }));
    expect([await ask('revoked', 'hum_1'), await ask('expired', 'clock')]).toEqual([true, false]);
    expect(await row(id)).toMatchObject({ state: 'ending', endReason: 'revoked', endedBy: 'hum_1' });
    expect(await kinds(id)).toEqual(['grant.ending']);
  });

  test('Web cannot say that it has ended: that takes proof, and proof is the warden’s to write (P5)', async () => {
    const id = await grantIn({ state: 'ending', endReason: 'revoked' });
    await expect(web.grant.update({ where: { id }, data: { state: 'ended' } })).rejects.toThrow();
    await expect(web.grant.update({ where: { id }, data: { proof: ['trust me'] } })).rejects.toThrow(
      /permission denied/,
    );
  });

  test('It ends with its proof, forgets the sealed credential and never moves again', async () => {
    const id = await grantIn({ state: 'ending', endReason: 'revoked', trouble: 'away' });
    await owner.sealed.create({ data: { ownerId: id, sealed: 'x' } });
    await transact(warden, (tx, now) => markEnded(tx, now, id, ['refused']));
    await transact(warden, (tx, now) => markEnded(tx, now, id, ['again']));
    expect(await row(id)).toMatchObject({ state: 'ended', proof: ['refused'], trouble: null });
    expect(await owner.sealed.count({ where: { ownerId: id } })).toBe(0);
    expect(await kinds(id)).toEqual(['grant.ended']);
    await expect(owner.grant.update({ where: { id }, data: { state: 'active' } })).rejects.toThrow(
      /cannot go from ended to active/,
    );
  });

  test('The same trouble is recorded once, a new one again; every try counts', async () => {
    const id = await grantIn({ state: 'ending', endReason: 'expired' });
    for (const words of ['away', 'away', 'refused'])
      await transact(warden, (tx, now) => markTrouble(tx, now, id, words, 5));
    expect(await row(id)).toMatchObject({ state: 'ending', trouble: 'refused', attempts: 3 });
    expect(await kinds(id)).toEqual(['grant.still_live', 'grant.still_live']);
  });
});

describe('What is to be done', () => {
  const listed = async (what: Promise<Array<{ id: string }>>, id: string): Promise<boolean> =>
    (await what).some((one) => one.id === id);

  test.each<[string, Partial<Prisma.GrantUncheckedCreateInput>, boolean]>([
    ['active and expired', { state: 'active', expiresAt: seconds(-1) }, true],
    ['active and not yet', { state: 'active', expiresAt: seconds(60) }, false],
    ['ready, its window closed', { state: 'ready', collectBy: seconds(-1) }, true],
    ['ready, its window open', { state: 'ready', collectBy: seconds(60) }, false],
    [
      'active without an end, as no collection leaves it',
      { state: 'active', expiresAt: null, collectBy: seconds(-1) },
      true,
    ],
    ['ending already', { state: 'ending', endReason: 'expired', expiresAt: seconds(-60) }, false],
  ])('%s: overdue or not', async (_case, data, due) => {
    const id = await grantIn(data as Parameters<typeof newGrant>[2]);
    expect(await listed(overdue(warden, await databaseNow(warden)), id)).toBe(due);
  });

  test.each([
    ['just asked', null, [true, true]],
    ['its pause over by its row', seconds(-1), [true, false]],
    ['in its pause by its row', seconds(20), [true, false]],
  ])('%s: to be ended now unless the warden itself pauses, or never', async (_case, retryAt, due) => {
    const id = await grantIn({ state: 'ending', endReason: 'revoked', retryAt });
    const now = await listed(dueForEnding(warden), id);
    expect([now, await listed(dueForEnding(warden, { paused: [id] }), id)]).toEqual(due);
    expect(await listed(dueForEnding(warden, { except: [id] }), id)).toBe(false);
  });

  test('Why it ends is repeated from its row where that can be', () => {
    const by = `hum_${'a'.repeat(20)}`;
    expect(endOf({ endReason: 'spent', endedBy: by })).toEqual({ reason: 'spent', by });
    expect(endOf({ endReason: 'x', endedBy: 'hum_1\nwarden' })).toEqual({ reason: 'revoked', by: 'warden' });
    expect(endOf({ endReason: null, endedBy: null })).toEqual({ reason: 'revoked', by: 'warden' });
  });

  test('The next expiry is that of the live grant that ends first', async () => {
    const first = seconds(-1_000);
    await grantIn({ state: 'active', expiresAt: first });
    await grantIn({ state: 'ended', endReason: 'expired', proof: [], expiresAt: seconds(-9_000) });
    expect(await nextExpiry(warden)).toEqual(first);
  });
});
