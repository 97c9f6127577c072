import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { checksummedToken, newId, sha256Base64url } from '#lib/core';
import { databaseNow, transact } from '#lib/db';
import { askForEnd } from '#lib/grants';
import { withClient } from '#scripts/postgres';
import { openCopy, type TestCopy } from '#testing/gateway';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  allowRest,
  answersAbove,
  answersUpTo,
  approve,
  callUntilOlder,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';

/* The gateway as it runs, with a thief of the database, and with a warden that is down. */

const OUTAGE_SECONDS = 4;
const ABOVE_REST_SECONDS = 2;

let house: House;
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let targetId: string;
let agent: TestAgent;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream([['/v1/things', []]]);
  const config = httpConfig(provider.url, { opens: ['GET /v1/things'], outageSeconds: OUTAGE_SECONDS });
  targetId = await addUpstream(house, config, provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(async () => {
  house.publisher.resume();
  agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  await expect.poll(() => read(), { timeout: 10_000 }).toBe(200);
});

interface Calling {
  readonly method: string;
  readonly token: string;
  readonly body?: string;
}

/** At a copy, by the host name that all copies have. */
async function statusAt({ port }: TestCopy, path: string, { method, token, body }: Calling): Promise<number> {
  const headers = { host: new URL(house.origins.gateway).host, authorization: `Bearer ${token}` };
  const sent = request({ port, path, method, headers, agent: false }).end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

const read = (token = agent.token, copy = house.copy): Promise<number> =>
  statusAt(copy, '/t/internal-api/v1/things', { method: 'GET', token });
const write = (token: string, copy = house.copy): Promise<number> =>
  statusAt(copy, '/t/internal-api/v1/things/7', { method: 'PUT', token, body: '1' });
/** As a proxy of the owner's asks. */
const authorize = async (token: string): Promise<number> => {
  const headers = {
    authorization: `Bearer ${token}`,
    'x-original-method': 'GET',
    'x-original-uri': '/v1/things',
  };
  return (await fetch(`${house.origins.gateway}/v1/authorize/internal-api`, { headers })).status;
};
const WRITES = { resources: ['path/v1/things/7'], verbs: ['put'], maxUses: 1_000 };
const READS = { resources: ['path/v1/things'], verbs: ['get', 'read'], maxUses: 1_000 };

async function granted(ask = WRITES, holder = agent): Promise<{ grantId: string; token: string }> {
  const grantId = await approve(house, await file(house, holder, targetId, ask));
  const { body } = await collect(house, grantId, { token: holder.collect });
  return { grantId, token: body.credential.accessToken };
}

/** As the tables' owner, with every trigger out of the way. */
const asThief = (sql: string, values: unknown[] = []): Promise<void> =>
  withClient(house.database.adminUrl, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query(sql, values);
  });

const alarms = async (): Promise<string> => JSON.stringify(await house.owner.gatewayInstance.findMany());
const SOON = { timeout: 3_000, interval: 50 };

describe('A thief of the database', () => {
  test('does not revive an ended grant by setting its row back (P3)', async () => {
    const { grantId, token } = await granted();
    expect(await write(token)).toBe(200);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await expect.poll(() => write(token), SOON).toBe(410);
    await house.gateway.head.until((state) => state.isEnded(grantId), 5_000);
    await house.publisher.pause();
    await asThief("UPDATE grants SET state = 'active', ending_at = NULL WHERE id = $1", [grantId]);
    expect(await write(token)).toBe(410);
    await asThief('DELETE FROM ended_grants');
    expect(await write(token)).toBe(410);
    await expect.poll(alarms, { timeout: 10_000 }).toContain('list of ended grants');
  });

  test.each([
    ['its row and the list of ended grants back at once', 'ended', '1 hour'],
    ['its end forward first, so that nobody minds it any more', 'shortened', '0 seconds'],
  ])('revives no grant, while the warden runs, that brings %s (P3)', async (_, way) => {
    const { grantId, token } = await granted();
    expect(await write(token)).toBe(200);
    if (way === 'shortened') await asThief('UPDATE grants SET expires_at = now() WHERE id = $1', [grantId]);
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await house.gateway.head.until((state) => state.isEnded(grantId), 5_000);
    await asThief(
      `WITH over AS (DELETE FROM ended_grants)
        UPDATE grants SET state = 'active', ending_at = NULL, expires_at = now() + interval '1 hour' WHERE id = $1`,
      [grantId],
    );
    const answers: number[] = [];
    for (let tries = 0; tries < 15; tries++) {
      answers.push(await write(token));
      await sleep(200);
    }
    expect(answers).not.toContain(200);
  });

  test('lets nobody in by an agent’s row alone, and an alarm tells of records that were changed (P3)', async () => {
    await house.publisher.pause();
    const [id, stolen] = [newId('agt'), checksummedToken('ask')];
    await house.owner.agent.update({ where: { id: agent.id }, data: { tokenHash: sha256Base64url(stolen) } });
    expect(await read(stolen)).toBe(503);
    await expect.poll(() => read(), SOON).toBe(401);
    await asThief(
      "INSERT INTO records SELECT kind, $1, body, signature, digest FROM records WHERE kind = 'agent' LIMIT 1",
      [id],
    );
    await expect.poll(alarms, { timeout: 10_000 }).toContain('records of targets, agents and reads');
    expect(house.gateway.head.state()?.agents.has(id)).toBe(false);
  });

  test.each([
    ['another signature', 'signature = reverse(signature)'],
    ['another digest', 'digest = reverse(digest)'],
    ['another body', "body = replace(body, 'true', 'false')"],
  ])('keeps nobody out for longer than seconds by %s of a record (P7)', async (_, change) => {
    house.recorded.alarms.clear('tampering');
    await asThief(`UPDATE records SET ${change} WHERE kind = 'agent' AND id = $1`, [agent.id]);
    const row = () => house.owner.signedRow.findFirstOrThrow({ where: { id: agent.id } });
    const changed = await row();
    await expect.poll(row, { timeout: 10_000 }).not.toEqual(changed);
    const late = await house.anotherCopy();
    expect(late.gateway.head.ageSeconds()).toBeLessThan(5);
    await late.close();
    expect(JSON.stringify(house.recorded.alarms.list())).toContain(agent.id);
    expect(await read()).toBe(200);
  });

  test('keeps nobody out for longer than seconds by a record that is taken away (P7)', async () => {
    await asThief("DELETE FROM records WHERE kind = 'agent' AND id = $1", [agent.id]);
    await expect.poll(() => house.owner.signedRow.count({ where: { id: agent.id } }), { timeout: 10_000 }).toBe(1);
  });

  test('finds a record mended that it changed while the warden was down', async () => {
    await house.publisher.pause();
    await asThief("UPDATE records SET signature = reverse(signature) WHERE kind = 'agent' AND id = $1", [agent.id]);
    const row = () => house.owner.signedRow.findFirstOrThrow({ where: { id: agent.id } });
    const { signature } = await row();
    house.publisher.resume();
    await expect.poll(async () => (await row()).signature, { timeout: 10_000 }).not.toBe(signature);
  });

  test('does not bring an old head back, and nothing passes while it lies there', async () => {
    const { grantId, token } = await granted();
    expect(await write(token)).toBe(200);
    await putHeadBack(await oldHead());
    await expect.poll(alarms, { timeout: 10_000 }).toContain('older head');
    await expect.poll(() => read(), { timeout: 10_000 }).toBe(503);
    // A copy that starts now reads that head, has heard of nothing fresh, and lets nothing pass either.
    const late = await open('late');
    await expect.poll(() => late.gateway.head.state()?.isEnded(grantId), { timeout: 10_000 }).toBe(false);
    const uses = () => house.owner.grantUse.count({ where: { grantId } });
    const before = await uses();
    expect([await read(agent.token, late), await write(token, late), await uses()]).toEqual([503, 503, before]);
  });

  test('does not bring an old head back by a restart either, and a copy without its number is another', async () => {
    const copy = await house.anotherCopy('again');
    const { id } = copy.gateway.vault.instance;
    const old = await oldHead();
    await expect.poll(() => copy.gateway.head.state()?.seq, { timeout: 10_000 }).toBeGreaterThan(Number(old.seq));
    await copy.close();
    await putHeadBack(old);
    const again = await open('again');
    expect(again.gateway.vault.instance.id).toBe(id);
    await expect.poll(() => JSON.stringify(again.gateway.alarms.list()), { timeout: 10_000 }).toContain('older head');
    expect(again.gateway.head.state()).toBeNull();
    await again.close();
    rmSync(join(house.keys.instanceDir('again'), 'journal', 'head.json'));
    expect((await open('again')).gateway.vault.instance.id).not.toBe(id);
  });
});

/** A head that is over: there is a newer one, and it was read. */
async function oldHead() {
  const old = await house.owner.head.findFirstOrThrow();
  await house.gateway.head.until(({ seq }) => seq > Number(old.seq), 5_000);
  return old;
}

async function putHeadBack({ seq, body, signature }: Awaited<ReturnType<typeof oldHead>>): Promise<void> {
  await house.publisher.pause();
  await asThief('UPDATE heads SET seq = $1, body = $2, signature = $3', [seq, body, signature]);
}

/** A copy that nobody waits for until it is fresh. */
async function open(name: string): Promise<TestCopy> {
  const { database, keys, origins } = house;
  const copy = await openCopy({ databaseUrl: database.gatewayUrl, keys, origins, name, port: 0 });
  onTestFinished(() => copy.close());
  return copy;
}

describe('While the warden is down', () => {
  test('nothing above rest passes after two seconds, and rest to its bound', async () => {
    const { token } = await granted();
    expect(await write(token)).toBe(200);
    await house.publisher.pause();
    const [writes, reads] = await Promise.all([
      callUntilOlder(house, ABOVE_REST_SECONDS, () => write(token)),
      callUntilOlder(house, OUTAGE_SECONDS, read),
    ]);
    expect(answersAbove(writes, ABOVE_REST_SECONDS)).toEqual([503]);
    expect(answersUpTo(reads, OUTAGE_SECONDS)).toEqual([200]);
    expect(answersAbove(reads, OUTAGE_SECONDS)).toEqual([503]);
    house.publisher.resume();
    await expect.poll(() => write(token), { timeout: 10_000 }).toBe(200);
  });

  test('nothing passes after two seconds that a grant alone lets through, be it a safe read', async () => {
    const { grantId, token } = await granted(READS, await newAgent(house));
    await expect.poll(async () => [await read(token), await authorize(token)], { timeout: 10_000 }).toEqual([200, 204]);
    await house.publisher.pause();
    const [reads, asked] = await Promise.all([
      callUntilOlder(house, ABOVE_REST_SECONDS, () => read(token)),
      callUntilOlder(house, ABOVE_REST_SECONDS, () => authorize(token)),
    ]);
    expect([reads, asked].map((calls) => answersAbove(calls, ABOVE_REST_SECONDS))).toEqual([[503], [503]]);
    const uses = () => house.owner.grantUse.count({ where: { grantId } });
    const before = await uses();
    expect([await read(token), await authorize(token), await uses()]).toEqual([503, 503, before]);
  });

  test('every no is heard at once: a freeze, a revocation, an agent that was switched off', async () => {
    const { grantId, token } = await granted();
    const other = await newAgent(house);
    await allowRest(house, other, targetId);
    await expect.poll(() => read(other.token), SOON).toBe(200);
    await house.publisher.pause();
    await transact(house.web, (tx, now) => askForEnd(tx, now, grantId, { reason: 'revoked', by: house.ada.human.id }));
    await house.owner.agent.update({ where: { id: other.id }, data: { state: 'disabled' } });
    await expect.poll(() => read(other.token), { timeout: 1_500, interval: 20 }).toBe(401);
    expect([410, 503]).toContain(await write(token));
    const [id, begunAt] = [newId('frz'), await databaseNow(house.web)];
    await house.web.freeze.create({ data: { id, humanId: house.ada.human.id, reason: 'Odd.', begunAt } });
    await expect.poll(() => read(), { timeout: 1_500, interval: 20 }).toBe(403);

    // Once the warden has seen it, it stands also where a thief of the database deletes the row.
    house.publisher.resume();
    await expect.poll(() => house.gateway.head.state()?.frozen).toBe(true);
    await house.publisher.pause();
    await house.owner.freeze.deleteMany();
    await house.gateway.head.read();
    expect(house.gateway.head.isFrozen()).toBe(true);
  });
});
