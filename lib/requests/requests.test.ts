import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSeconds, newId } from '#lib/core';
import { connect, type Db, databaseNow, transact } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { canCancel, canDecide, isOpen, lapseOverdue, markPrepared, refusePrepared } from './index';
import { canTransition, type RequestState, type TransitionActor } from './state';

const STATES: RequestState[] = ['preparing', 'pending', 'approved', 'denied', 'cancelled', 'lapsed'];
const MOVERS: TransitionActor[] = ['warden', 'approval', 'person', 'agent', 'clock'];

describe('state', () => {
  test('These are all the moves there are', () => {
    const moves = MOVERS.flatMap((mover) =>
      STATES.flatMap((from) =>
        STATES.filter((to) => canTransition(mover, from, to)).map((to) => `${mover}: ${from} → ${to}`),
      ),
    );
    expect(moves).toEqual([
      'warden: preparing → pending',
      'warden: preparing → denied',
      'approval: pending → approved',
      'person: preparing → denied',
      'person: pending → denied',
      'agent: preparing → cancelled',
      'agent: pending → cancelled',
      'clock: preparing → lapsed',
      'clock: pending → lapsed',
    ]);
  });

  test('Only a pending request may be approved; an open one may be cancelled; an unknown state is none', () => {
    for (const state of [...STATES, 'toString', '__proto__', '']) {
      expect([canDecide(state), canCancel(state)], state).toEqual([state === 'pending', isOpen(state)]);
    }
  });
});

describe('what the warden does', () => {
  let owner: Db;
  let warden: Db;
  const ids = { hum: newId('hum'), agt: newId('agt'), tgt: newId('tgt') };
  const preview = { effects: ['Updates rows.'], touched: [], warnings: [], maxRows: 3, plan: null };

  beforeAll(async () => {
    const urls = await freshDatabase();
    [owner, warden] = [connect(urls.ownerUrl), connect(urls.wardenUrl)];
    await owner.human.create({
      data: { id: ids.hum, name: 'Olga', email: 'o@example.com', role: 'owner', state: 'active' },
    });
    await owner.agent.create({
      data: {
        id: ids.agt,
        name: 'ada',
        description: '',
        ownerId: ids.hum,
        tokenHash: 'h',
        tokenHint: 'hint',
        state: 'active',
        expiresAt: new Date(Date.now() + 86_400_000),
      },
    });
    await owner.target.create({
      data: {
        id: ids.tgt,
        name: 'sample',
        kind: 'postgres',
        environment: 'staging',
        config: {},
        state: 'active',
        chainHash: 'c',
      },
    });
  });
  afterAll(async () => {
    await Promise.all([owner.$disconnect(), warden.$disconnect()]);
  });

  let ttlSeconds = 100;
  const request = async (state: RequestState, decideInSeconds = 3_600): Promise<string> => {
    const [id, now] = [newId('req'), await databaseNow(owner)];
    ttlSeconds += 1;
    await owner.request.create({
      data: {
        id,
        agentId: ids.agt,
        targetId: ids.tgt,
        resources: ['schema/public'],
        verbs: ['select'],
        ttlSeconds,
        reason: 'r',
        state,
        danger: 0,
        createdAt: now,
        decideBy: addSeconds(now, decideInSeconds),
      },
    });
    return id;
  };
  const kinds = async (requestId: string): Promise<string[]> =>
    (await owner.auditEvent.findMany({ where: { requestId } })).map((event) => event.kind);

  test('A preview is frozen once; of preparing and refusing racing, one wins', async () => {
    const id = await request('preparing');
    const results = await Promise.all([
      transact(warden, (tx, now) => markPrepared(tx, now, id, { preview, seal: '', danger: 4, by: 'warden' })),
      transact(warden, (tx, now) =>
        markPrepared(tx, now, id, { preview: { ...preview, maxRows: 9 }, seal: '', danger: 1, by: 'warden' }),
      ),
      transact(warden, (tx, now) => refusePrepared(tx, now, id, 'No such table.')),
    ]);
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await kinds(id)).toHaveLength(1);
  });

  test('What cannot be previewed is denied by the warden, with the reason', async () => {
    const id = await request('preparing');
    await transact(warden, (tx, now) => refusePrepared(tx, now, id, 'No such table.'));
    expect(await owner.request.findUnique({ where: { id } })).toMatchObject({
      state: 'denied',
      decidedBy: 'warden',
      stateReason: 'No such table.',
      version: 2,
    });
    expect(await kinds(id)).toEqual(['request.denied']);
  });

  test('Silence is denial: all that is overdue lapses, once, and nothing else', async () => {
    const [late, latePending, early] = [
      await request('preparing', -1),
      await request('pending', -1),
      await request('pending'),
    ];
    const decided = await request('denied', -1);
    const both = await Promise.all([transact(warden, lapseOverdue), transact(warden, lapseOverdue)]);
    expect(both.flat().sort()).toEqual([late, latePending].sort());
    expect(await owner.request.findUnique({ where: { id: late } })).toMatchObject({
      state: 'lapsed',
      decidedBy: 'clock',
    });
    expect([await kinds(late), await kinds(early), await kinds(decided)]).toEqual([['request.lapsed'], [], []]);
  });
});
