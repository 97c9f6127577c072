import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSeconds, iso } from '#lib/core';
import { withClient } from '#scripts/postgres';
import { type Signer, signer } from '#testing/people';
import {
  addTarget,
  admit,
  approve,
  callWarden,
  change,
  collect,
  file,
  type House,
  newAgent,
  newAgentFacts,
  openHouse,
  rotate,
  serviceConfig,
  serviceToken,
  type TestAgent,
} from '#testing/warden';
import { checkProjection } from '#warden/changes';
import { countingAgent } from './index';

/* What the warden believes of an agent: the chain. A row only turns it off, and no row turns it on (T82, P9). */

let house: House;
let service: string;
let cleo: Signer;

beforeAll(async () => {
  house = await openHouse();
  service = await addTarget(house, serviceConfig(serviceToken()));
  cleo = await signer('Cleo', 'approver');
  await admit(house, cleo);
});
afterAll(() => house.close());

const ASK = { resources: ['deploy/api'], verbs: ['start'] };
/** By somebody else than the agent's owner. */
const granted = async (agent: TestAgent): Promise<string> =>
  approve(house, await file(house, agent, service, ASK), { by: cleo });
const ownerOf = ({ human }: Signer) => ({ id: human.id as `hum_${string}`, name: human.name });
const nameOf = async ({ id }: TestAgent): Promise<string> =>
  (await house.warden.authority.current(house.warden.db)).agents.get(id)?.name ?? '';
const counts = async ({ id }: TestAgent): Promise<boolean> =>
  (await countingAgent(house.warden, await house.warden.authority.current(house.warden.db), id)) !== null;

/** The tables' owner, whom no trigger stops. */
const thief = (sql: string, ...values: unknown[]): Promise<void> =>
  withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query(sql, values);
  });

describe('A row', () => {
  test('that says another token, key, name or owner is not read, and an alarm tells of it', async () => {
    const [agent, stolen] = [await newAgent(house), await newAgent(house)];
    const requestId = await file(house, agent, service, ASK);
    await thief("UPDATE agents SET token_hash = 'gone' WHERE id = $1", stolen.id);
    await thief(
      `UPDATE agents SET token_hash = 'x', name = 'nice-bot', owner_id = $2, public_jwk = '{"kty":"OKP"}', expires_at = now() + interval '9 years' WHERE id = $1`,
      agent.id,
      cleo.human.id,
    );
    const grantId = await approve(house, requestId, { by: cleo });
    const [approval] = await house.owner.approval.findMany({ where: { requestId } });
    expect(approval?.statement).not.toContain('nice-bot');
    expect(approval?.statement).toContain(house.ada.human.name);
    expect((await collect(house, grantId, { token: stolen.collect })).status).toBe(404);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
    await checkProjection(house.warden);
    const text = house.warden.alarms.list().find(({ code }) => code === 'projection_differs')?.text ?? '';
    expect(text).toContain(agent.id);
  });

  test('of an agent that nobody registered lets nobody ask for anything that could be approved', async () => {
    const agent = await newAgent(house);
    await thief(
      `INSERT INTO agents (id, name, description, owner_id, token_hash, token_hint, state, expires_at)
       SELECT 'agt_00000000000000000001', 'ghost', '', owner_id, 'ghost', 'xxxx', 'active', expires_at FROM agents WHERE id = $1`,
      agent.id,
    );
    const ghost = { ...agent, id: 'agt_00000000000000000001' as const };
    expect(await counts(ghost)).toBe(false);
    const requestId = await file(house, ghost, service, ASK);
    await expect(approve(house, requestId)).rejects.toThrow('no such agent');
  });

  test('turns an agent off, which is remembered: putting it back turns on nothing, for another warden too', async () => {
    const agent = await newAgent(house);
    const grantId = await granted(agent);
    expect(await counts(agent)).toBe(true);
    await house.web.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    expect(await counts(agent)).toBe(false);
    await expect(house.web.agent.update({ where: { id: agent.id }, data: { state: 'active' } })).rejects.toThrow();
    await thief("UPDATE agents SET state = 'active' WHERE id = $1", agent.id);
    expect(await counts(agent)).toBe(false);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(401);
    const again = house.restarted();
    expect(await countingAgent(again, await again.authority.current(again.db), agent.id)).toBeNull();
    await checkProjection(house.warden);
    expect(house.warden.alarms.list().find(({ code }) => code === 'projection_differs')?.text).toContain(
      `The agent ${agent.id} was turned on without a key.`,
    );
  });

  test('that is gone is an agent that is off, and stays so when the row is back', async () => {
    const agent = await newAgent(house);
    await thief("UPDATE agents SET id = 'agt_00000000000000000002' WHERE id = $1", agent.id);
    expect(await counts(agent)).toBe(false);
    await thief('UPDATE agents SET id = $1 WHERE id = $2', agent.id, 'agt_00000000000000000002');
    expect(await counts(agent)).toBe(false);
  });
});

describe('A key', () => {
  test('turns an agent on again, with the secrets it had', async () => {
    const agent = await newAgent(house);
    await house.web.agent.update({ where: { id: agent.id }, data: { state: 'disabled' } });
    expect(await counts(agent)).toBe(false);
    const named = { id: agent.id, name: await nameOf(agent), owner: ownerOf(house.ada) };
    await change(house, { kind: 'agent.enable', agent: named });
    expect(await counts(agent)).toBe(true);
    expect((await collect(house, await granted(agent), { token: agent.collect })).status).toBe(200);
  });

  test('brings back none that was deleted', async () => {
    const agent = await newAgent(house);
    await house.web.agent.update({ where: { id: agent.id }, data: { state: 'deleted' } });
    const named = { id: agent.id, name: await nameOf(agent), owner: ownerOf(house.ada) };
    await expect(change(house, { kind: 'agent.enable', agent: named })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('hands an agent over: what it asked is denied, and what it held ends', async () => {
    const agent = await newAgent(house);
    const [requestId, grantId] = [await file(house, agent, service, ASK), await granted(agent)];
    const before = { name: await nameOf(agent), owner: ownerOf(house.ada) };
    await change(house, {
      kind: 'agent.change',
      agent: { id: agent.id, name: 'handed-over', owner: ownerOf(cleo) },
      before,
    });
    expect(await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({
      state: 'denied',
      stateReason: 'The agent was given another owner.',
      decidedBy: house.ada.human.id,
    });
    expect(await house.owner.grant.findUniqueOrThrow({ where: { id: grantId } })).toMatchObject({
      endReason: 'revoked',
    });
    expect(await house.owner.agent.findUniqueOrThrow({ where: { id: agent.id } })).toMatchObject({
      name: 'handed-over',
      ownerId: cleo.human.id,
    });
    // Who answered for it knows its secrets.
    expect(await counts(agent)).toBe(false);
    await rotate(house, agent, null, cleo);
    expect(await counts(agent)).toBe(true);
  });

  test('renames an agent, and leaves what it asked and holds', async () => {
    const agent = await newAgent(house);
    const requestId = await file(house, agent, service, ASK);
    const before = { name: await nameOf(agent), owner: ownerOf(house.ada) };
    await change(house, { kind: 'agent.change', agent: { id: agent.id, ...before, name: 'renamed' }, before });
    expect(await house.owner.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({
      state: 'preparing',
    });
  });

  test('registers two agents of one name at no time, whatever its case (T65)', async () => {
    const agent = await newAgent(house);
    const { agent: facts } = newAgentFacts(house.ada);
    const name = (await nameOf(agent)).toUpperCase();
    await expect(change(house, { kind: 'agent.register', agent: { ...facts, name } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await house.web.agent.update({ where: { id: agent.id }, data: { state: 'deleted' } });
    await change(house, { kind: 'agent.register', agent: { ...facts, name } });
  });
});

test('Secrets that have ended neither look nor collect, nor count at the gateway (P5)', async () => {
  const { agent: facts, shown } = newAgentFacts(house.ada);
  const expiresAt = iso(addSeconds(new Date(), 3));
  await change(house, { kind: 'agent.register', agent: { ...facts, secrets: { ...facts.secrets, expiresAt } } });
  const agent = { id: facts.id, ...shown };
  const grantId = await granted(agent);
  await expect.poll(() => counts(agent)).toBe(false);
  expect((await collect(house, grantId, { token: agent.collect })).status).toBe(401);
  expect((await callWarden(house, `/v1/grants/${grantId}`, { method: 'GET', token: agent.token })).status).toBe(401);
  await expect.poll(() => house.gateway.head.state()?.agents.has(agent.id)).toBe(false);
});
