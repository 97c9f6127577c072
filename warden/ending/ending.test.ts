import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refuse } from '#lib/core';
import { transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { adminUrl } from '#testing/database';
import { type TcpProxy, tcpProxy } from '#testing/network';
import {
  addTarget,
  approve,
  callWarden as call,
  change,
  collect,
  databaseConfig,
  factsOfAgent,
  file,
  grantOf,
  type House,
  isMinted,
  newAgent,
  openHouse,
  sampleCompany,
  serviceConfig,
  serviceToken,
  session,
  type TestAgent,
  untilGrant,
} from '#testing/warden';
import { startEnding } from './index';

let house: House;
let agent: TestAgent;
let targetId: string;
let way: TcpProxy;
let farId: string;
let ending: ReturnType<typeof startEnding>;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  targetId = await addTarget(house, databaseConfig(place), password);
  const far = await sampleCompany();
  way = await tcpProxy(far.port);
  farId = await addTarget(house, databaseConfig({ ...far, port: way.port }, { name: 'far' }), far.password);
});
afterAll(() => house.close());
beforeEach(() => {
  ending = startEnding(house.warden);
});
afterEach(() => ending.stop());

const revoke = (id: string) =>
  transact(house.web, (tx, now) => askForEnd(tx, now, id, { reason: 'revoked', by: house.ada.human.id }));
const approved = async (target = targetId, ask: Parameters<typeof file>[3] = {}) =>
  approve(house, await file(house, agent, target, ask));

async function live(target = targetId) {
  const grantId = await approved(target);
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, credential: body.credential };
}

/** Resolves when the server has cut the session. */
const cut = (client: Awaited<ReturnType<typeof session>>): Promise<void> =>
  new Promise((resolve) => void client.once('end', () => resolve()));

describe('Every grant ends, and is shown to have ended (P5)', () => {
  test('Revoking cuts a live session, takes the role away and proves it (T36)', async () => {
    const { grantId, credential } = await live();
    const client = await session(credential);
    await client.query('BEGIN; UPDATE bookings SET note = note');
    const gone = cut(client);
    await revoke(grantId);
    await gone;
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked', trouble: null });
    expect((await grantOf(house, grantId)).proof).toContain(
      `The server refused the login of ${credential.user} (SQLSTATE 28P01).`,
    );
    expect(await isMinted(grantId)).toBe(false);
    expect(await house.owner.sealed.findUnique({ where: { ownerId: grantId } })).toBeNull();
  });

  test('Time ends it, by the database’s clock', async () => {
    const { grantId, credential } = await live();
    const client = await session(credential);
    const gone = cut(client);
    await house.owner.$executeRaw`UPDATE grants SET expires_at = now() WHERE id = ${grantId}`;
    await gone;
    await untilGrant(house, grantId, { state: 'ended', endReason: 'expired', endedBy: 'clock' });
  });

  test('One that was never collected ends when its window closes', async () => {
    const grantId = await approved();
    await house.owner.$executeRaw`UPDATE grants SET collect_by = now() WHERE id = ${grantId}`;
    await untilGrant(house, grantId, { state: 'ended', endReason: 'expired', proof: ['No credential was ever made.'] });
  });

  test('A hundred live sessions at once are all cut and all proven', async () => {
    const grants = await Promise.all(Array.from({ length: 20 }, () => live()));
    const sessions = (
      await Promise.all(
        grants.map(({ credential }) => Promise.all(Array.from({ length: 5 }, () => session(credential)))),
      )
    ).flat();
    const gone = Promise.all(sessions.map(cut));
    await Promise.all(grants.map(({ grantId }) => revoke(grantId)));
    await gone;
    expect(sessions).toHaveLength(100);
    for (const { grantId } of grants) await untilGrant(house, grantId, { state: 'ended' });
  });

  test('Its end is in the record, once', async () => {
    const { grantId } = await live();
    await revoke(grantId);
    await untilGrant(house, grantId, { state: 'ended' });
    const kinds = await house.owner.auditEvent.findMany({
      where: { grantId },
      orderBy: { seq: 'asc' },
      select: { kind: true },
    });
    expect(kinds.map(({ kind }) => kind)).toEqual(['grant.ready', 'grant.collected', 'grant.ending', 'grant.ended']);
  });

  test('A target that was disabled meanwhile is still cleaned', async () => {
    const { password, ...place } = await sampleCompany();
    const id = await addTarget(house, databaseConfig(place, { name: 'leaving' }), password);
    const { grantId } = await live(id);
    await change(house, {
      kind: 'target.disable',
      targetId: id as `tgt_${string}`,
      name: 'leaving',
      environment: 'staging',
    });
    await untilGrant(house, grantId, { state: 'ended', endReason: 'revoked' });
    expect(await isMinted(grantId)).toBe(false);
  });
});

describe('A target that is away', () => {
  test('keeps its grant STILL LIVE, loudly, delays no other grant (P8), and is cleaned when it is back', async () => {
    const far = await live(farId);
    const near = await live();
    await way.cut();
    await revoke(far.grantId);
    await untilGrant(house, far.grantId, { state: 'ending', trouble: expect.stringContaining('cannot be reached') });
    await expect
      .poll(() => house.warden.alarms.list().find(({ code }) => code === 'still_live')?.text)
      .toContain(`${far.grantId} at far is STILL LIVE`);
    await revoke(near.grantId);
    await untilGrant(house, near.grantId, { state: 'ended' });
    expect(await isMinted(far.grantId)).toBe(true);
    await way.mend();
    await untilGrant(house, far.grantId, { state: 'ended', trouble: null });
    await expect.poll(() => house.warden.alarms.list().map(({ code }) => code)).not.toContain('still_live');
    expect(await house.owner.auditEvent.count({ where: { grantId: far.grantId, kind: 'grant.still_live' } })).toBe(1);
  });

  test('that goes away between the question and the minting leaves a voided grant, which is cleaned later', async () => {
    const grantId = await approved(farId);
    const { collectGrant } = await import('../issuer/collect');
    const open: House['warden']['targets']['open'] = (config, secret) => {
      const target = house.warden.targets.open(config, secret);
      return {
        ...target,
        mint: (prepared, limits) =>
          target
            .mint(prepared, limits)
            .then(() => way.cut())
            .then(() => refuse('target_unreachable', 'Lost.')),
      };
    };
    const torn = { ...house.warden, targets: { ...house.warden.targets, open } };
    await expect(collectGrant(torn, house.results, factsOfAgent(agent), grantId)).rejects.toMatchObject({
      code: 'target_unreachable',
    });
    await untilGrant(house, grantId, {
      state: 'ending',
      endReason: 'voided',
      trouble: expect.stringContaining('cannot be reached'),
    });
    expect(await isMinted(grantId)).toBe(true);
    await way.mend();
    await untilGrant(house, grantId, { state: 'ended' });
    expect(await isMinted(grantId)).toBe(false);
  });

  test('Web cannot put the next try off for ever', async () => {
    const { grantId } = await live();
    await ending.stop();
    await revoke(grantId);
    await house.web.grant.update({ where: { id: grantId }, data: { retryAt: new Date('2999-01-01') } });
    ending = startEnding(house.warden);
    await untilGrant(house, grantId, { state: 'ended' });
  });
});

describe('After a crash', () => {
  test('or an error between collecting and minting, nothing is left and nothing is handed out later', async () => {
    const grantId = await approved();
    const crash = { ...house.warden.targets, open: dying(house.warden.targets.open) };
    const { collectGrant } = await import('../issuer/collect');
    await expect(
      collectGrant({ ...house.warden, targets: crash }, house.results, factsOfAgent(agent), grantId),
    ).rejects.toThrow(/voided and being cleaned up/);
    await untilGrant(house, grantId, { state: 'ended', endReason: 'voided' });
    expect(await isMinted(grantId)).toBe(false);
    expect((await collect(house, grantId, { token: agent.collect })).status).toBe(410);
  });

  test('what is overdue is found by the next start', async () => {
    const { grantId, credential } = await live();
    await ending.stop();
    const client = await session(credential);
    const gone = cut(client);
    await house.owner.$executeRaw`UPDATE grants SET expires_at = now() WHERE id = ${grantId}`;
    ending = startEnding(house.restarted());
    await gone;
    await untilGrant(house, grantId, { state: 'ended' });
  });

  test('a role that belongs to no live grant is ended, with an alarm; a live one is left alone (T37)', async () => {
    const [orphan, kept] = [await live(), await live()];
    await ending.stop();
    await withClient(house.database.adminUrl, (client) =>
      client.query('DELETE FROM grants WHERE id = $1', [orphan.grantId]),
    );
    ending = startEnding(house.restarted());
    await expect.poll(() => isMinted(orphan.grantId), { timeout: 20_000 }).toBe(false);
    await expect.poll(() => house.warden.alarms.list().map(({ code }) => code)).toContain('orphan_credential');
    expect(await isMinted(kept.grantId)).toBe(true);
  });

  test('A grant whose end was moved in the database ends by what the target was told (P5)', async () => {
    const { grantId } = await live();
    await ending.stop();
    await house.owner.$executeRaw`UPDATE grants SET expires_at = now() + interval '1 year' WHERE id = ${grantId}`;
    await withClient(adminUrl(), (client) => client.query(`ALTER ROLE cs_${grantId} VALID UNTIL '2020-01-01'`));
    ending = startEnding(house.restarted());
    await untilGrant(house, grantId, { state: 'ended', endReason: 'expired' });
    expect(await isMinted(grantId)).toBe(false);
  });

  test('Two wardens end the same grants side by side, each of them once', async () => {
    const second = startEnding(house.restarted());
    const grants = await Promise.all(Array.from({ length: 10 }, () => live()));
    await Promise.all(grants.map(({ grantId }) => revoke(grantId)));
    for (const { grantId } of grants) await untilGrant(house, grantId, { state: 'ended' });
    await second.stop();
    const ended = await house.owner.auditEvent.count({
      where: { grantId: { in: grants.map(({ grantId }) => grantId) }, kind: 'grant.ended' },
    });
    expect(ended).toBe(10);
  });
});

/** Dies when it would mint. */
const dying =
  (open: House['warden']['targets']['open']): typeof open =>
  (config, secret) => ({
    ...open(config, secret),
    mint: () => Promise.reject(new Error('killed')),
  });

describe('A spoiled database', () => {
  test('does not keep a session alive: with the chain cut and the secret swapped, ending goes on', async () => {
    const [first, second] = [await live(), await live()];
    await revoke(first.grantId);
    await untilGrant(house, first.grantId, { state: 'ended' });
    const spoil = async (sql: string) =>
      withClient(house.database.adminUrl, (client) => client.query(`SET session_replication_role = 'replica'; ${sql}`));
    await spoil(
      `CREATE TABLE kept AS SELECT * FROM chain; DELETE FROM chain WHERE seq > 1; UPDATE sealed SET sealed = 'x' WHERE owner_id = '${targetId}'`,
    );
    const client = await session(second.credential);
    const gone = cut(client);
    await revoke(second.grantId);
    await gone;
    await untilGrant(house, second.grantId, { state: 'ended' });
    await spoil('DELETE FROM chain; INSERT INTO chain SELECT * FROM kept');
  });

  test('that stops and comes back loses nothing, and everything goes on by itself', async () => {
    const id = await addTarget(house, databaseConfig({ ...(await sampleCompany()) }, { name: 'after' }), 'sample');
    const { grantId, credential } = await live(id);
    const waiting = await approved(id);
    const client = await session(credential);
    const gone = cut(client);
    await house.owner.$executeRaw`UPDATE grants SET expires_at = now() + interval '2 seconds' WHERE id = ${grantId}`;
    await house.wire.cut();
    expect((await collect(house, waiting, { token: agent.collect })).status).toBe(503);
    expect((await call(house, '/readyz', { method: 'GET' })).status).toBe(503);
    await house.wire.mend();
    await gone;
    await untilGrant(house, grantId, { state: 'ended', endReason: 'expired' });
    await expect
      .poll(async () => (await collect(house, waiting, { token: agent.collect })).status, { timeout: 20_000 })
      .toBe(200);
  });
});

describe('Tokens', () => {
  const token = serviceToken();
  const ask = { resources: ['deploy/api'], verbs: ['start'] };

  test('end at once where the service asks introspection', async () => {
    const id = await addTarget(house, serviceConfig(token), '');
    const grantId = await approved(id, ask);
    await collect(house, grantId, { token: agent.collect });
    await revoke(grantId);
    await untilGrant(house, grantId, {
      state: 'ended',
      proof: [`Introspection answers that token ${grantId} is not active.`],
    });
  });

  test('are STILL LIVE until they expire where it does not, and the page says why', async () => {
    const id = await addTarget(house, serviceConfig(serviceToken(), { name: 'offline', introspected: false }));
    const grantId = await approved(id, ask);
    await collect(house, grantId, { token: agent.collect });
    await revoke(grantId);
    await untilGrant(house, grantId, {
      state: 'ending',
      trouble: expect.stringContaining('works there until it expires'),
    });
    const shown = await call(house, `/v1/grants/${grantId}`, { method: 'GET', token: agent.token });
    expect(shown.body.stillLive).toContain('until it expires');
    await house.owner.$executeRaw`UPDATE grants SET expires_at = now(), retry_at = now() WHERE id = ${grantId}`;
    await untilGrant(house, grantId, { state: 'ended' });
  });
});

test('No orphan role of this test is left at the server', async () => {
  await ending.stop();
  const names = await withClient(
    adminUrl(),
    async (client) =>
      (await client.query<{ rolname: string }>("SELECT rolname FROM pg_roles WHERE rolname LIKE 'cs_prv_%'")).rows,
  );
  expect(names).toEqual([]);
});
