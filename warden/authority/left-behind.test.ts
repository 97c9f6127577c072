import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Signer, signer } from '#testing/people';
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
  sampleCompany,
  serviceConfig,
  serviceToken,
  session,
} from '#testing/warden';
import { startEnding } from '../ending';

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

const stateOf = async (id: string) => (await house.owner.grant.findUniqueOrThrow({ where: { id } })).state;
const ended = (id: string) => expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('ended');

/** What the owner of the agents is, and who approves, where it matters. */
const asked = async (ownerId: string, targetId = service, more: object = {}) => {
  const agent = await newAgent(house);
  await house.owner.agent.update({ where: { id: agent.id }, data: { ownerId } });
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
    const { agent, requestId } = await asked(house.ada.human.id, database);
    const grantId = await approve(house, requestId, { by: bob });
    const { body } = await collect(house, grantId, { token: agent.token });
    const client = await session(body.credential);
    const gone = new Promise<void>((resolve) => void client.once('end', () => resolve()));
    await goes(kind);
    await gone;
    await ended(grantId);
    expect(await isMinted(grantId)).toBe(false);
  });

  test('ends the token that they alone approved, at its service too', async () => {
    const { agent, requestId } = await asked(house.ada.human.id);
    const grantId = await approve(house, requestId, { by: bob });
    const { body } = await collect(house, grantId, { token: agent.token });
    const active = async () => {
      const form = new URLSearchParams({ token: body.credential.accessToken });
      return (await call(house, '/v1/introspect', { token, body: form })).body.active;
    };
    expect(await active()).toBe(true);
    await goes(kind);
    expect(await active()).toBe(false);
    await ended(grantId);
  });

  test('leaves nothing to collect of what they approved, and leaves what others approved', async () => {
    const [theirs, others] = [await asked(house.ada.human.id), await asked(cleo.human.id)];
    const [grantId, other] = [
      await approve(house, theirs.requestId, { by: bob }),
      await approve(house, others.requestId),
    ];
    await goes(kind);
    expect((await collect(house, grantId, { token: theirs.agent.token })).status).toBe(410);
    expect((await collect(house, other, { token: others.agent.token })).status).toBe(200);
    await ended(grantId);
  });

  test('stops their agents where the person goes: what these hold, wait for and may read', async () => {
    const { agent, requestId } = await asked(bob.human.id);
    const open = await file(house, agent, service, { resources: ['deploy/web'], verbs: ['start'] });
    await allowRest(house, agent, database);
    const grantId = await approve(house, requestId);
    expect((await collect(house, grantId, { token: agent.token })).status).toBe(200);
    await goes(kind);
    const { state } = await house.owner.agent.findUniqueOrThrow({ where: { id: agent.id } });
    const request = await house.owner.request.findUniqueOrThrow({ where: { id: open } });
    const rest = await call(house, '/v1/targets/bookings/rest', { token: agent.token });
    if (!isPerson) {
      expect([state, request.state, rest.status]).toEqual(['active', request.state, 200]);
      expect(['preparing', 'pending']).toContain(request.state);
      return;
    }
    expect([state, request.state, request.decidedBy, rest.status]).toEqual([
      'disabled',
      'denied',
      house.ada.human.id,
      401,
    ]);
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

test('The warden turns agents off and never on', async () => {
  const agent = await newAgent(house);
  const turn = (state: string) => house.warden.db.agent.updateMany({ where: { id: agent.id }, data: { state } });
  expect(await turn('disabled')).toEqual({ count: 1 });
  await expect(turn('active')).rejects.toThrow();
  await expect(turn('deleted')).rejects.toThrow();
});
