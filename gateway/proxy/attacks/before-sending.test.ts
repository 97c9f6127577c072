import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { databaseNow } from '#lib/db';
import { FileRequest, fileRequest } from '#lib/filing';
import { withClient } from '#scripts/postgres';
import { addUpstream, type CastUpstream, httpConfig, httpUpstream } from '#testing/provider';
import {
  approve,
  call,
  collect,
  file,
  type House,
  holdRows,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';

/* What has to be true before anything goes out, at the gateway as it runs. */

let house: House;
let provider: CastUpstream<Map<string, unknown>>;
let agent: TestAgent;
let wide: string;
let narrow: string;

beforeAll(async () => {
  house = await openHouse();
  provider = await httpUpstream();
  agent = await newAgent(house);
  wide = await addUpstream(house, httpConfig(provider.url, { name: 'wide', maxBodyBytes: 1_048_576 }), provider.secret);
  const small = httpConfig(provider.url, { name: 'narrow', maxBodyBytes: 1_024 });
  narrow = await addUpstream(house, small, provider.secret);
});
afterAll(async () => {
  await provider.close();
  await house.close();
});
beforeEach(() => {
  provider.changes.length = 0;
});

async function granted(ask: object = {}): Promise<{ readonly grantId: string; readonly token: string }> {
  const wanted = { resources: ['path/v1/things/1'], verbs: ['put'], maxUses: 5, ...ask };
  const grantId = await approve(house, await file(house, agent, wide, wanted));
  const { body } = await collect(house, grantId, { token: agent.collect });
  return { grantId, token: body.credential.accessToken };
}

const put = (token: string, { name = 'wide', body = '{"n":1}' }: { name?: string; body?: string } = {}) =>
  call(house, `/t/${name}/v1/things/1`, {
    method: 'PUT',
    token,
    headers: { 'content-type': 'application/json' },
    body,
  });

/** As a proxy asks that stands before the service itself. */
async function authorize(token: string) {
  const original = { 'x-original-method': 'PUT', 'x-original-uri': '/v1/things/1' };
  const answer = await fetch(`${house.origins.gateway}/v1/authorize/wide`, {
    headers: { authorization: `Bearer ${token}`, ...original },
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

/** Uses that wait to be written. The warden, which reads the table by itself, waits there too. */
const waitingToWrite = async (): Promise<number> => {
  const [row] = await house.owner.$queryRaw<
    { n: bigint }[]
  >`SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND relation = 'grant_uses'::regclass AND mode = 'RowExclusiveLock'`;
  return Number(row?.n);
};

const usesOf = (grantId: string): Promise<number> => house.owner.grantUse.count({ where: { grantId } });

const asOwner = (sql: string): Promise<unknown> => withClient(house.database.adminUrl, (client) => client.query(sql));

describe('A use of a grant', () => {
  test('that cannot be recorded is not counted and does not go out (P4)', async () => {
    const { grantId, token } = await granted();
    await asOwner(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$`);
    await asOwner('CREATE TRIGGER full_disk BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION full_disk()');
    const { status } = await put(token);
    await asOwner('DROP TRIGGER full_disk ON audit_events');
    expect(status).toBeGreaterThanOrEqual(500);
    expect(provider.changes).toEqual([]);
    expect(await usesOf(grantId)).toBe(0);
    expect((await put(token)).status).toBe(200);
    expect(await usesOf(grantId)).toBe(1);
  });

  test.each([
    ['a write', (token: string) => put(token)],
    ['what a proxy asks about', (token: string) => authorize(token)],
  ])('is not sent where its writing outlasted the head it passed by (P7): %s', async (_, use) => {
    const { grantId, token } = await granted();
    const answer = await withClient(house.database.adminUrl, async (client) => {
      await client.query('BEGIN; LOCK TABLE grant_uses IN ACCESS EXCLUSIVE MODE');
      // Fresh when it comes, too old when it is written: what else the machine does decides neither.
      const age = vi.spyOn(house.gateway.head, 'ageSeconds').mockReturnValue(1.9);
      onTestFinished(() => age.mockRestore());
      const using = use(token);
      await expect.poll(waitingToWrite, { interval: 10 }).toBe(1);
      age.mockReturnValue(2.1);
      await client.query('ROLLBACK');
      const answered = await using;
      age.mockRestore();
      return answered;
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.text).toContain('Nothing was sent, and this use is counted.');
    expect(provider.changes).toEqual([]);
    // It was counted before: a use that might have gone out is never given back.
    expect(await usesOf(grantId)).toBe(1);
    await expect.poll(async () => (await use(token)).status).toBeLessThan(300);
  });

  test('is not sent where its grant ended while its row, which web holds locked, kept it from being written', async () => {
    const { grantId, token } = await granted();
    const waits = async () =>
      Number(
        (
          await house.owner.$queryRaw<
            { n: bigint }[]
          >`SELECT count(*) AS n FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')`
        )[0]?.n,
      );
    const { using } = await holdRows(house, [grantId], async () => {
      const using = put(token);
      await expect.poll(waits, { interval: 10 }).toBeGreaterThan(0);
      house.warden.vault.stopped.add(grantId, { reason: 'revoked', by: 'warden' });
      await house.gateway.head.until((state) => state.isEnded(grantId), 5_000);
      return { using };
    });
    // Where the machine is busy, it had been given up before.
    expect([410, 503]).toContain((await using).status);
    expect(provider.changes).toEqual([]);
  });

  test('after its hour is refused, by the token’s word and by the row’s', async () => {
    const [short, ended] = [await granted({ ttlSeconds: 1 }), await granted()];
    await asOwner(`UPDATE grants SET expires_at = now() - interval '1 second' WHERE id = '${ended.grantId}'`);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    for (const { token } of [short, ended]) expect((await put(token)).status).toBe(410);
    expect(provider.changes).toEqual([]);
  });
});

test('What of a body is read before a refusal is what its own target allows', async () => {
  const body = JSON.stringify({ n: 'x'.repeat(4_000) });
  expect((await put(agent.token, { name: 'wide', body })).status).toBe(403);
  expect((await put(agent.token, { name: 'narrow', body })).status).toBe(413);
  expect(narrow).not.toBe(wide);
  expect(provider.changes).toEqual([]);
});

test('The ready-made body of a refusal is filed as it stands, once its reason is the agent’s own', async () => {
  const { body } = await put(agent.token, { body: JSON.stringify({ n: 'x'.repeat(40_000) }) });
  const filed = (reason: string) => FileRequest.safeParse({ ...body.request.body, reason });
  expect(filed(body.request.body.reason).success).toBe(false);
  const parsed = filed('Thing 1 has the wrong name.');
  expect(parsed.success && parsed.data).toEqual({ ...body.request.body, reason: 'Thing 1 has the wrong name.' });
  if (!parsed.success) return;
  const now = await databaseNow(house.warden.db);
  const { request } = await fileRequest(house.web, { agent, body: parsed.data, idempotencyKey: null, now });
  expect(request).toMatchObject({ agentId: agent.id, targetId: wide, operation: body.request.body.operation });
});

test('A body of several parts cannot be approved word for word, and a grant of its kind is offered', async () => {
  const { body } = await call(house, '/t/wide/v1/things/1', {
    method: 'PUT',
    token: agent.token,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
  });
  expect(body.request.body).toMatchObject({ resources: ['path/v1/things/1'] });
  expect([body.request.body.operation, body.wait]).toEqual([undefined, undefined]);
});

test('Every answer below a target says the nonce the next proof is to have, refusals too', async () => {
  const [refused, unknown] = [await put(agent.token), await put('cs_ask_nobody')];
  expect([refused.status, unknown.status]).toEqual([403, 401]);
  for (const { headers } of [refused, unknown]) expect(headers.get('dpop-nonce')).toMatch(/^\S{8,}$/);
});
