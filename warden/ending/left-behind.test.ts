import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { SIGN, type Signer, signer } from '#testing/people';
import { softKey } from '#testing/security-key';
import {
  addTarget,
  admit,
  allowRest,
  approve,
  callWarden as call,
  change,
  collect,
  databaseConfig,
  file,
  type House,
  isMinted,
  newAgent,
  openHouse,
  rotate,
  sampleCompany,
  serviceConfig,
  serviceToken,
  session,
  untilGrant,
} from '#testing/warden';
import { startEnding } from './index';
import { isEnough } from './left-behind';

/* Who goes, and what of theirs lives on: nothing, from the next call on (T66, T85). */

let house: House;
let service: string;
let token: string;
let database: string;
let ending: ReturnType<typeof startEnding>;
let cleo: Signer;

beforeAll(async () => {
  house = await openHouse();
  token = serviceToken();
  service = await addTarget(house, serviceConfig(token));
  const { password, ...place } = await sampleCompany();
  database = await addTarget(house, databaseConfig(place), password);
  cleo = await signer('Cleo', 'approver');
  await admit(house, cleo);
  ending = startEnding(house.warden);
});
afterAll(async () => {
  await ending.stop();
  await house.close();
});

let count = 0;
let bob: Signer;
beforeEach(async () => {
  count += 1;
  bob = await signer(`Bob ${count}`, 'approver');
  await admit(house, bob);
  // The last key of a person stays, so there is another.
  const { key: enrolled } = await signer(`Spare of Bob ${count}`, 'approver');
  await change(house, { kind: 'key.enroll', human: bob.human, enrolled }, null, bob);
});

type Kind = 'human.disable' | 'human.role' | 'key.disable';

function goes(kind: Kind): Promise<void> {
  const { human, key } = bob;
  const what = {
    'human.disable': { kind, human },
    'human.role': { kind, human: { ...human, role: 'reviewer' }, roleBefore: human.role },
    'key.disable': { kind, human, disabled: { id: key.id, label: key.label } },
  }[kind];
  return change(house, what as unknown as Parameters<typeof change>[1]);
}

const ended = (id: string) => untilGrant(house, id, { state: 'ended' });

/** What the owner of the agents is, and who approves, where it matters. */
const asked = async (owner: Signer, targetId = service, more: object = {}) => {
  const agent = await newAgent(house, null, owner);
  const ask = targetId === service ? { resources: ['deploy/api'], verbs: ['start'] } : {};
  return { agent, requestId: await file(house, agent, targetId, { ...ask, ...more }) };
};

describe.each<[Kind, string]>([
  ['human.disable', 'A person who is disabled'],
  ['human.role', 'A person who only reads from now on'],
  ['key.disable', 'A key that is disabled'],
])('%s: %s', (kind) => {
  const isPerson = kind !== 'key.disable';

  test('ends the live session that they alone approved', async () => {
    const { agent, requestId } = await asked(house.ada, database);
    const grantId = await approve(house, requestId, { by: bob });
    const { body } = await collect(house, grantId, { token: agent.collect });
    const client = await session(body.credential);
    const gone = new Promise<void>((resolve) => void client.once('end', () => resolve()));
    await goes(kind);
    await gone;
    await ended(grantId);
    expect(await isMinted(grantId)).toBe(false);
  });

  test('ends the token that they alone approved, at its service too', async () => {
    const { agent, requestId } = await asked(house.ada);
    const grantId = await approve(house, requestId, { by: bob });
    const { body } = await collect(house, grantId, { token: agent.collect });
    const active = async () => {
      const form = new URLSearchParams({ token: body.credential.accessToken });
      return (await call(house, '/v1/introspect', { token, body: form })).body.active;
    };
    expect(await active()).toBe(true);
    await goes(kind);
    await expect.poll(active, { timeout: 5_000 }).toBe(false);
    await ended(grantId);
  });

  test('leaves nothing to collect of what they approved, and leaves what others approved', async () => {
    const [theirs, others] = [await asked(house.ada), await asked(cleo)];
    const [grantId, other] = [
      await approve(house, theirs.requestId, { by: bob }),
      await approve(house, others.requestId),
    ];
    await goes(kind);
    expect((await collect(house, grantId, { token: theirs.agent.collect })).status).toBeGreaterThanOrEqual(403);
    expect((await collect(house, other, { token: others.agent.collect })).status).toBe(200);
    await ended(grantId);
  });

  test('stops their agents where the person goes: what these hold, wait for and may read', async () => {
    const { agent, requestId } = await asked(bob);
    const open = await file(house, agent, service, { resources: ['deploy/web'], verbs: ['start'] });
    await allowRest(house, agent, database);
    const grantId = await approve(house, requestId);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
    await goes(kind);
    const seen = async () => {
      const { state } = await house.owner.agent.findUniqueOrThrow({ where: { id: agent.id } });
      const request = await house.owner.request.findUniqueOrThrow({ where: { id: open } });
      const rest = await call(house, '/v1/targets/bookings/rest', { token: agent.collect });
      return { agent: state, request: request.state, rest: rest.status };
    };
    if (!isPerson) {
      expect(await seen()).toMatchObject({
        agent: 'active',
        request: expect.stringMatching(/preparing|pending/),
        rest: 200,
      });
      return;
    }
    await expect.poll(seen, { timeout: 10_000 }).toEqual({ agent: 'disabled', request: 'denied', rest: 401 });
    await ended(grantId);
    expect(await house.owner.auditEvent.count({ where: { agentId: agent.id, kind: 'agent.disabled' } })).toBe(1);
  });

  test('ends their sessions, and what they were about to be shown', async () => {
    const now = new Date();
    const row = { humanId: bob.human.id, createdAt: now, expiresAt: new Date(now.getTime() + 600_000) };
    await house.owner.session.create({
      data: { ...row, id: `ses_${count}`, method: 'key', userAgent: '', lastSeenAt: now },
    });
    await house.owner.ticket.create({ data: { ...row, tokenHash: `hash-${count}`, kind: 'target.add', params: {} } });
    await goes(kind);
    const left = await house.owner.session.count({ where: { humanId: bob.human.id, revokedAt: null } });
    expect(left).toBe(kind === 'human.role' ? 1 : 0);
    expect(await house.owner.ticket.count({ where: { humanId: bob.human.id } })).toBe(kind === 'human.role' ? 1 : 0);
  });
});

test('An owner’s signature hands the agents of who goes to somebody who stays: they go on, without what they held', async () => {
  const { agent, requestId } = await asked(bob);
  const open = await file(house, agent, service, { resources: ['deploy/web'], verbs: ['start'] });
  const grantId = await approve(house, requestId);
  const agentsTo = { id: cleo.human.id as `hum_${string}`, name: cleo.human.name };
  await change(house, { kind: 'human.disable', human: bob.human, agentsTo } as unknown as Parameters<typeof change>[1]);
  await ended(grantId);
  expect(await house.owner.request.findUniqueOrThrow({ where: { id: open } })).toMatchObject({ state: 'denied' });
  expect(await house.owner.agent.findUniqueOrThrow({ where: { id: agent.id } })).toMatchObject({
    state: 'active',
    ownerId: cleo.human.id,
  });
  // Who answered for it knows its secrets: it goes on with new ones alone.
  const later = await rotate(house, agent, null, cleo);
  const again = await approve(house, await file(house, agent, service, { resources: ['deploy/b'], verbs: ['start'] }));
  expect((await collect(house, again, { token: agent.collect })).status).toBe(401);
  expect((await collect(house, again, { token: later.collect })).status).toBe(200);
});

test('An agent that nobody answers for is turned on again by no row and no session (T85)', async () => {
  const { agent } = await asked(bob);
  await allowRest(house, agent, database);
  await goes('human.disable');
  const row = () => house.owner.agent.findUniqueOrThrow({ where: { id: agent.id } });
  await expect.poll(async () => (await row()).state, { timeout: 10_000 }).toBe('disabled');
  await expect(house.web.agent.update({ where: { id: agent.id }, data: { state: 'active' } })).rejects.toThrow();
  // The tables' owner is stopped by no trigger: the warden has the last word again and again, and counts it nowhere meanwhile.
  await withClient(house.database.adminUrl, async (thief) => {
    await thief.query('SET session_replication_role = replica');
    await thief.query("UPDATE agents SET state = 'active' WHERE id = $1", [agent.id]);
  });
  expect((await call(house, '/v1/targets/bookings/rest', { token: agent.collect })).status).toBeGreaterThanOrEqual(401);
  await expect.poll(async () => (await row()).state, { timeout: 10_000 }).toBe('disabled');
});

test('Nobody is kept in by a row that somebody holds locked: who goes is gone at once, the rest when the lock is', async () => {
  const { agent, requestId } = await asked(bob);
  const grantId = await approve(house, requestId);
  await withClient(house.database.webUrl, async (thief) => {
    await thief.query('BEGIN');
    await thief.query('UPDATE agents SET state = state WHERE id = $1', [agent.id]);
    await thief.query('UPDATE grants SET version = version WHERE id = $1', [grantId]);
    await goes('human.disable');
    const { humans } = await house.warden.authority.current(house.warden.db);
    expect(humans.get(bob.human.id)?.active).toBe(false);
    await thief.query('ROLLBACK');
  });
  await ended(grantId);
});

test('What an agent holds ends though what it asks is locked (P5)', async () => {
  const locked = await asked(house.ada);
  const held = await asked(house.ada);
  const open = await file(house, held.agent, service, { resources: ['deploy/web'], verbs: ['start'] });
  const grantId = await approve(house, held.requestId);
  const state = async () => (await house.owner.request.findUniqueOrThrow({ where: { id: open } })).state;
  await withClient(house.database.webUrl, async (thief) => {
    await thief.query('BEGIN');
    await thief.query('SELECT FROM requests WHERE id IN ($1, $2) FOR UPDATE', [locked.requestId, open]);
    for (const { agent } of [locked, held])
      await house.web.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    await ended(grantId);
    expect(await state()).not.toBe('denied');
    await thief.query('ROLLBACK');
  });
  await expect.poll(state, { timeout: 10_000 }).toBe('denied');
});

test('What a key approved whose hardware nobody proved ends in production once an owner takes no such keys, and nowhere else (T89)', async () => {
  const own = serviceToken();
  const eve = await signer('Eve', 'owner', softKey(SIGN));
  await admit(house, eve);
  const production = await addTarget(
    { ...house, ada: eve },
    serviceConfig(own, { name: 'live', environment: 'production' }),
  );
  const ask = { resources: ['deploy/api'], verbs: ['start'] };
  const [there, here] = [await asked(house.ada, production, ask), await asked(house.ada)];
  const [grantId, other] = [
    await approve(house, there.requestId, { by: eve }),
    await approve(house, here.requestId, { by: eve }),
  ];
  for (const [id, { agent }] of [
    [grantId, there],
    [other, here],
  ] as const)
    expect((await collect(house, id, { token: agent.collect })).status).toBe(200);
  await change(house, { kind: 'keys.accept', acceptsClaimed: false });
  await ended(grantId);
  expect(await house.owner.grant.findUniqueOrThrow({ where: { id: other } })).toMatchObject({ state: 'active' });
  await change(house, { kind: 'keys.accept', acceptsClaimed: true });
});

test('What others approved as well lives on, as far as they are enough', async () => {
  const { requestId } = await asked(cleo);
  await approve(house, requestId, { by: bob });
  const [approval] = await house.owner.approval.findMany({ where: { requestId } });
  if (approval === undefined) throw new Error('nothing was approved');
  const authority = await house.warden.authority.current(house.warden.db);
  const byAda = { ...approval, humanId: house.ada.human.id, keyId: house.ada.key.id };
  const ofTwo = approval.statement.replace('"quorum":1', '"quorum":2');
  expect(ofTwo).not.toBe(approval.statement);
  const enough = (...approvals: (typeof approval)[]) => isEnough(authority, approvals);
  expect([enough(approval), enough(approval, byAda)]).toEqual([true, true]);
  expect(enough({ ...approval, statement: ofTwo })).toBe(false);
  expect(enough({ ...approval, statement: ofTwo }, { ...byAda, statement: ofTwo })).toBe(true);
  expect(enough({ ...approval, statement: ofTwo }, { ...approval, statement: ofTwo })).toBe(false);
  expect([enough({ ...approval, statement: 'x' }), enough({ ...approval, humanId: cleo.human.id }), enough()]).toEqual([
    false,
    false,
    false,
  ]);
  await goes('key.disable');
  const after = await house.warden.authority.current(house.warden.db);
  expect([isEnough(after, [approval]), isEnough(after, [approval, byAda])]).toEqual([false, true]);
});
