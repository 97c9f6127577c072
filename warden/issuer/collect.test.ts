import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { GATEWAY_ANSWERS } from '#lib/http/openapi';
import { tcpProxy } from '#testing/network';
import { signer } from '#testing/people';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  addTarget,
  admit,
  approve,
  callWarden as call,
  call as callGateway,
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
  session,
  type TestAgent,
} from '#testing/warden';

let house: House;
let agent: TestAgent;
let targetId: string;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), password);
});
afterAll(() => house.close());

const approved = async (ask: Parameters<typeof file>[3] = {}, by = agent): Promise<string> =>
  approve(house, await file(house, by, targetId, ask));
const stateOf = async (id: string) => house.owner.grant.findUniqueOrThrow({ where: { id } });

describe('Collecting what was approved', () => {
  test('An agent gets a role that does what was approved and nothing else', async () => {
    const grantId = await approved();
    const { status, body } = await collect(house, grantId, { token: agent.collect });
    expect(status).toBe(200);
    expect(GATEWAY_ANSWERS.Collected.parse(body)).toEqual(body);
    const client = await session(body.credential);
    expect((await client.query('UPDATE bookings SET note = note WHERE id = 1')).rowCount).toBe(1);
    await expect(client.query('DELETE FROM bookings')).rejects.toMatchObject({ code: '42501' });
    await client.end();
    const grant = await stateOf(grantId);
    expect(grant).toMatchObject({ state: 'active', reference: body.credential.user });
    expect(new Date(body.credential.expiresAt)).toEqual(grant.expiresAt);
  });

  test('The password is in the answer and nowhere readable in the database (P6, T34, T35)', async () => {
    const grantId = await approved();
    const { body } = await collect(house, grantId, { token: agent.collect });
    const rows = await house.owner.$queryRaw<Array<{ dump: string }>>`
      SELECT concat((SELECT string_agg(g::text, '') FROM grants g), (SELECT string_agg(e::text, '') FROM audit_events e), (SELECT string_agg(s::text, '') FROM sealed s)) AS dump`;
    expect(rows[0]?.dump).toContain(grantId);
    expect(rows[0]?.dump).not.toContain(body.credential.password);
  });

  test('A second collection gets nothing, and learns that there was one', async () => {
    const grantId = await approved();
    await collect(house, grantId, { token: agent.collect });
    const { status, body } = await collect(house, grantId, { token: agent.collect });
    expect([status, body.code]).toEqual([409, 'already_decided']);
  });

  test('Of 100 collections in parallel exactly one gets a credential (T64)', async () => {
    const grantId = await approved();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => collect(house, grantId, { token: agent.collect })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(99);
    expect(await house.owner.auditEvent.count({ where: { grantId, kind: 'grant.collected' } })).toBe(1);
  });

  test('A grant that was revoked or whose window closed is gone', async () => {
    const [revoked, late] = [await approved(), await approved()];
    await transact(house.web, (tx, now) => askForEnd(tx, now, revoked, { reason: 'revoked', by: house.ada.human.id }));
    await house.owner.$executeRaw`UPDATE grants SET collect_by = now() - interval '1 second' WHERE id = ${late}`;
    for (const grantId of [revoked, late]) {
      expect((await collect(house, grantId, { token: agent.collect })).status).toBe(410);
      expect(await isMinted(grantId)).toBe(false);
    }
  });

  test('New secrets end what was approved for the old ones (T82)', async () => {
    const other = await newAgent(house);
    const grantId = await approved({}, other);
    const { collect: token } = await rotate(house, other);
    expect((await collect(house, grantId, { token: other.collect })).status).toBe(401);
    const { status, body } = await collect(house, grantId, { token });
    expect([status, body.code]).toEqual([410, 'gone']);
    expect(await stateOf(grantId)).toMatchObject({ state: 'ending', endReason: 'revoked', reference: null });
    expect(await isMinted(grantId)).toBe(false);
    expect(house.warden.alarms.list()).toEqual([]);
  });

  test('A gateway token dies with the ask token it was approved for', async () => {
    const [provider, other] = [await httpUpstream([['/v1/things', []]]), await newAgent(house)];
    const upstream = await addUpstream(house, httpConfig(provider.url), provider.secret);
    const ask = { resources: ['path/v1/things'], verbs: ['get'] };
    const grantId = await approve(house, await file(house, other, upstream, ask));
    const token = (await collect(house, grantId, { token: other.collect })).body.credential.accessToken;
    const read = () => callGateway(house, '/t/internal-api/v1/things', { method: 'GET', token });
    expect((await read()).status).toBe(200);
    await rotate(house, other);
    await expect.poll(async () => (await read()).status).toBe(410);
    expect(await stateOf(grantId)).toMatchObject({ state: 'ending', endReason: 'revoked' });
    await provider.close();
  });

  test('An approver who was disabled meanwhile has approved nothing (T66)', async () => {
    const bob = await signer('Bob', 'approver');
    await admit(house, bob);
    const grantId = await approve(house, await file(house, agent, targetId), { by: bob });
    await change(house, { kind: 'human.disable', human: bob.human });
    const { status } = await collect(house, grantId, { token: agent.collect });
    expect(status).toBe(403);
    expect(await isMinted(grantId)).toBe(false);
  });

  test('A host clock more than 2 s from the database’s stops minting and nothing else (T77)', async () => {
    const grantId = await approved();
    const real = Date.now;
    try {
      Date.now = () => real() + 3_600_000;
      const { status, body } = await collect(house, grantId, { token: agent.collect });
      expect([status, body.code]).toEqual([503, 'minting_stopped']);
    } finally {
      Date.now = real;
    }
    expect(await stateOf(grantId)).toMatchObject({ state: 'ready' });
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
  });

  test('While the target is away the approval waits, and is collected when it is back', async () => {
    const { password, ...place } = await sampleCompany();
    const way = await tcpProxy(place.port);
    const away = await addTarget(house, databaseConfig({ ...place, port: way.port }, { name: 'away' }), password);
    await way.cut();
    const grantId = await approve(house, await file(house, agent, away));
    const { status, body } = await collect(house, grantId, { token: agent.collect });
    expect([status, body.code]).toEqual([502, 'target_unreachable']);
    expect(await stateOf(grantId)).toMatchObject({ state: 'ready', reference: null });
    await way.mend();
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(200);
  });
});

describe('Who may collect', () => {
  test('Another agent’s grant and no grant at all are the same answer, byte for byte (T46)', async () => {
    const stranger = await newAgent(house);
    const grantId = await approved();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    for (const [method, suffix] of [
      ['POST', '/credential'],
      ['GET', ''],
    ] as const) {
      const ask = (id: string) =>
        call(house, `/v1/grants/${id}${suffix}`, { method, token: stranger.collect, headers: { traceparent } });
      const [others, absent] = [await ask(grantId), await ask(`grn_${'0'.repeat(20)}`)];
      expect(others.status).toBe(404);
      expect(others.text).toBe(absent.text);
      expect([...others.headers].filter(([name]) => name !== 'date')).toEqual(
        [...absent.headers].filter(([name]) => name !== 'date'),
      );
    }
  });

  test.each([
    ['no token', {}],
    ['a mistyped token', { token: 'cs_ask_nope' }],
    ['a service token', { token: 'cs_svc_0' }],
    ['a cookie', { headers: { cookie: 'session=1' } }],
  ])('With %s nobody collects', async (_name, options) => {
    const { status, headers } = await collect(house, await approved(), options);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('A disabled agent collects nothing', async () => {
    const off = await newAgent(house);
    const grantId = await approved({}, off);
    await house.web.agent.update({ where: { id: off.id }, data: { state: 'disabled' } });
    expect((await collect(house, grantId, { token: off.collect })).status).toBe(401);
  });
});
