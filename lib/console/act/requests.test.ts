import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#lib/core';
import { connect, type Db, listen, transact } from '#lib/db';
import { cancelRequest, lapseOverdue, markPrepared } from '#lib/requests';
import type { Role, Viewer } from '#lib/views';
import { freshDatabase } from '#testing/database';
import { agent, grant, person, request, target, webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';
import { readGrants } from '../read/grants';
import { readInbox, readRequest } from '../read/requests';
import { deleteAgent, disableAgent } from './agents';
import { revokeGrant } from './grants';
import { denyRequest } from './requests';

let db: Db;
let warden: Db;
let owner: Db;
const cast: Record<Role, string> = { owner: '', approver: '', reviewer: '' };
let botId: string;
let targetId: string;

beforeAll(async () => {
  const database = await freshDatabase();
  db = connect(database.webUrl);
  warden = connect(database.wardenUrl);
  owner = connect(database.ownerUrl);
  const env = webEnvOf(database.webUrl);
  provideWeb({ db, listener: listen(database.webUrl), env });
  for (const role of Object.keys(cast) as Role[]) cast[role] = (await person(owner, { role, name: role })).id;
  botId = (await agent(owner, cast.owner)).id;
  targetId = (await target(owner)).id;
});

const viewer = (role: Role, bestKey: Viewer['bestKey'] = 'claimed'): Viewer => ({
  id: cast[role],
  name: role,
  email: 'x@example.com',
  role,
  sessionId: 'ses_x',
  method: 'key',
  bestKey,
});
const file = (data = {}) => request(owner, { agentId: botId, targetId }, data);

describe('denying', () => {
  it('takes an owner or approver and no key, also while the preview is being made (P9)', async () => {
    for (const role of ['owner', 'approver'] as const) {
      for (const state of ['preparing', 'pending']) {
        const { id } = await file({ state });
        await denyRequest(viewer(role, null), id, { reason: 'No.' });
        expect(await db.request.findUniqueOrThrow({ where: { id } })).toMatchObject({
          state: 'denied',
          stateReason: 'No.',
          decidedBy: cast[role],
          version: 2,
        });
      }
    }
  });

  it('is not for reviewers, and nothing is changed by trying', async () => {
    const { id } = await file();
    await expect(denyRequest(viewer('reviewer'), id, { reason: '' })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await db.request.findUniqueOrThrow({ where: { id } })).toMatchObject({ state: 'pending', version: 1 });
  });

  it('racing cancellation, lapse and preparation leaves one final state and one event for it (T64)', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await file({ state: 'preparing', decideBy: new Date(Date.now() - 1_000) });
      const attempts = [
        ...Array.from({ length: 10 }, () => denyRequest(viewer('owner'), id, { reason: '' })),
        ...Array.from({ length: 10 }, () => transact(db, (tx, now) => cancelRequest(tx, now, { agentId: botId, id }))),
        ...Array.from({ length: 5 }, () => transact(warden, (tx, now) => lapseOverdue(tx, now))),
        transact(warden, (tx, now) =>
          markPrepared(tx, now, id, {
            preview: { effects: [], touched: [], warnings: [], maxRows: null, plan: null },
            seal: '',
            by: 'warden',
            danger: 1,
          }),
        ),
      ];
      await Promise.allSettled(attempts);
      const { state } = await db.request.findUniqueOrThrow({ where: { id } });
      const finals = ['request.denied', 'request.cancelled', 'request.lapsed'];
      const events = await db.auditEvent.findMany({ where: { requestId: id, kind: { in: finals } } });
      expect(events.map((event) => event.kind)).toEqual([`request.${state}`]);
    }
  });
});

describe('the inbox', () => {
  it('lists what waits, the most dangerous first', async () => {
    const ids = [(await file({ danger: 2 })).id, (await file({ danger: 5 })).id, (await file({ danger: 0 })).id];
    const listed = (await readInbox(viewer('owner'))).map(({ id }) => id).filter((id) => ids.includes(id));
    expect(listed).toEqual([ids[1], ids[0], ids[2]]);
  });

  it('offers approving only to whom the policy would let', async () => {
    const production = await target(owner, { environment: 'production', soleOwnerMayApprove: false });
    const { id } = await request(owner, { agentId: botId, targetId: production.id });
    const hints = async (role: Role, bestKey: Viewer['bestKey']) =>
      (await readRequest(viewer(role, bestKey), id))?.request.may;
    expect(await hints('approver', 'attested')).toEqual({ approve: true, whyNot: null, deny: true });
    expect(await hints('approver', 'synced')).toMatchObject({
      approve: false,
      deny: true,
      whyNot: expect.stringContaining('synced passkey'),
    });
    expect(await hints('approver', 'claimed')).toMatchObject({
      approve: false,
      deny: true,
      whyNot: expect.stringContaining('Nobody proved that of yours'),
    });
    expect(await hints('approver', null)).toMatchObject({ approve: false, deny: true });
    expect(await hints('owner', 'attested')).toMatchObject({
      approve: false,
      deny: true,
      whyNot: expect.stringContaining('own agent'),
    });
    expect(await hints('reviewer', 'claimed')).toMatchObject({ approve: false, deny: false });
  });

  it('offers nobody anything while everything is frozen, and denying all the same (P9)', async () => {
    const { id } = await file();
    const may = async () => (await readRequest(viewer('approver'), id))?.request.may;
    const row = { id: newId('frz'), humanId: viewer('owner').id, reason: 'Odd.', begunAt: new Date() };
    await owner.freeze.create({ data: row });
    expect(await may()).toMatchObject({ approve: false, deny: true, whyNot: expect.stringContaining('frozen') });
    await owner.freeze.update({ where: { id: row.id }, data: { thawedAt: new Date() } });
    expect(await may()).toMatchObject({ approve: true, whyNot: null });
  });

  it('offers nobody what its target’s removal has made impossible', async () => {
    const gone = await target(owner);
    const { id } = await request(owner, { agentId: botId, targetId: gone.id });
    await owner.target.update({ where: { id: gone.id }, data: { state: 'disabled' } });
    expect((await readRequest(viewer('approver'), id))?.request.may).toMatchObject({
      approve: false,
      deny: true,
      whyNot: expect.stringContaining('target'),
    });
  });

  it('offers a sole owner their own agent’s request and says so', async () => {
    const { id } = await file();
    await owner.human.update({ where: { id: cast.approver }, data: { state: 'disabled' } });
    expect((await readRequest(viewer('owner'), id))?.request).toMatchObject({
      may: { approve: true },
      soleOwner: true,
    });
    await owner.human.update({ where: { id: cast.approver }, data: { state: 'active' } });
    expect((await readRequest(viewer('owner'), id))?.request).toMatchObject({
      may: { approve: false },
      soleOwner: false,
    });
  });

  it('tells the story of a request in order, with names', async () => {
    const { id } = await file();
    await denyRequest(viewer('approver'), id, { reason: 'Not on a Friday' });
    const page = await readRequest(viewer('reviewer'), id);
    expect(page?.story.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^approver denied the request of bot-.*: Not on a Friday$/),
    ]);
    expect(page?.request.decidedBy).toEqual({ id: cast.approver, name: 'approver' });
    expect(await readRequest(viewer('owner'), 'req_none')).toBeNull();
  });
});

describe('revoking', () => {
  const live = async (agentId = botId, data = {}) => {
    const { id: requestId } = await request(owner, { agentId, targetId }, { state: 'approved' });
    return grant(owner, { agentId, targetId, requestId }, data);
  };

  it('asks for the end once, by one click of an owner or approver; nothing else changes (P8, P9)', async () => {
    const [one, other] = [await live(), await live()];
    await Promise.all([revokeGrant(viewer('owner'), one.id), revokeGrant(viewer('approver'), one.id)]);
    expect(await db.grant.findUniqueOrThrow({ where: { id: one.id } })).toMatchObject({
      state: 'ending',
      endReason: 'revoked',
    });
    expect(await db.auditEvent.count({ where: { grantId: one.id, kind: 'grant.ending' } })).toBe(1);
    expect(await db.grant.findUniqueOrThrow({ where: { id: other.id } })).toMatchObject({
      state: 'active',
      version: other.version,
    });
  });

  it('is refused to a reviewer, save for the agent they answer for', async () => {
    await expect(revokeGrant(viewer('reviewer'), (await live()).id)).rejects.toMatchObject({ code: 'forbidden' });
    const own = await agent(owner, cast.reviewer);
    await expect(revokeGrant(viewer('reviewer'), (await live(own.id)).id)).resolves.toEqual({ state: 'ending' });
  });

  it('leaves STILL LIVE on the page until the end is proven (P5)', async () => {
    const { id } = await live(botId, {
      state: 'ending',
      endReason: 'revoked',
      endingAt: new Date(),
      trouble: 'The role still has a session.',
    });
    expect((await readGrants(viewer('reviewer'))).live.find((view) => view.id === id)?.stillLive).toBe(
      'The role still has a session.',
    );
  });

  it.each(['disabled', 'deleted'] as const)(
    'happens to everything of an agent that is %s, and what it waits for is denied',
    async (end) => {
      const { id: agentId } = await agent(owner, cast.approver);
      const held = await live(agentId);
      const waiting = await request(owner, { agentId, targetId });
      await (end === 'deleted' ? deleteAgent(viewer('approver'), agentId) : disableAgent(viewer('approver'), agentId));
      expect(await db.grant.findUniqueOrThrow({ where: { id: held.id } })).toMatchObject({
        state: 'ending',
        endedBy: cast.approver,
      });
      expect(await db.request.findUniqueOrThrow({ where: { id: waiting.id } })).toMatchObject({ state: 'denied' });
    },
  );
});
