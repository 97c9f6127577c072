import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { loop, perTargetLimit, withTimeout } from '#lib/process';
import { keyThumbprint } from '#lib/records';
import { withClient } from '#scripts/postgres';
import { type House, openHouse } from '#testing/warden';
import { clockHolds, skewBetween } from './clock';
import { startPulse } from './pulse';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const status = () => house.web.wardenStatus.findUnique({ where: { id: 1 } });

const HOUR = 3_600_000;
const ONE_BEAT = { timeout: 10_000 };

/** Runs the pulse until it has written its status so many times. */
async function beats(count: number): Promise<void> {
  const pulse = startPulse(house.signWarden, house.recorded);
  for (let written = 0; written < count; written += 1) {
    const before = (await status())?.pulseAt;
    await expect.poll(async () => (await status())?.pulseAt, ONE_BEAT).not.toEqual(before);
  }
  await pulse.stop();
}

const events = (kind: string) => house.owner.auditEvent.findMany({ where: { kind }, orderBy: { seq: 'asc' } });

describe('The gateway’s keys', () => {
  test('are told to web: the one in the public folder, and the copies that the key in force certified', async () => {
    const { id } = house.gateway.vault.instance;
    const { body, signature } = house.gateway.vault.instance.certificate;
    const stranger = { id: 'gwi_stranger0000000000', body, signature, nonce: '' };
    await house.owner.gatewayInstance.create({ data: stranger });
    await expect.poll(() => house.owner.gatewayInstance.findUnique({ where: { id } }), ONE_BEAT).toMatchObject({ id });
    await beats(1);
    const file = keyThumbprint(house.keys.gatewayPublicKey);
    expect(await status()).toMatchObject({ gateway: { file, copies: [id] } });
    await house.owner.gatewayInstance.delete({ where: { id: stranger.id } });
  });
});

describe('The clock (T77)', () => {
  test.each([
    ['read within the round trip', 1_000, 1_010, 1_020, 0],
    ['host an hour ahead', 3_601_000, 1_000, 3_601_020, 3_600_000],
    ['host an hour behind', 1_000, 3_601_000, 1_020, -3_599_980],
    ['a slow answer is no skew', 0, 4_000, 8_000, 0],
  ])('%s', (_case, before, at, after, skewMs) => {
    expect(skewBetween(before, at, after)).toBe(skewMs);
  });

  test('holds within two seconds, either way, and not past them', () => {
    expect([2_000, -2_000, 2_001, -2_001].map((skewMs) => clockHolds({ skewMs }))).toEqual([true, true, false, false]);
  });

  test('that is an hour off raises an alarm, which clears and is recorded both times', async () => {
    const hostClock = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + HOUR);
    const pulse = startPulse(house.signWarden, house.recorded);
    try {
      // The least skew that explains the reading: a slow round trip takes a little off the hour.
      const ahead = { code: 'clock_skew', text: expect.stringMatching(/\b(3599|3600)\.\d s ahead/) };
      await expect.poll(status, ONE_BEAT).toMatchObject({ alarms: [ahead] });
      hostClock.mockRestore();
      await expect.poll(status, ONE_BEAT).toMatchObject({ alarms: [], clockSkewMs: 0 });
    } finally {
      hostClock.mockRestore();
      await pulse.stop();
    }
    expect([await events('alarm.raised'), await events('alarm.cleared')].map((found) => found.length)).toEqual([1, 1]);
  });
});

describe('The pulse', () => {
  test('writes where web can see it, and finds a row that nobody signed', async () => {
    const pulse = startPulse(house.signWarden, house.recorded);
    await expect.poll(status).not.toBeNull();
    await withClient(house.database.ownerUrl, (client) => client.query("UPDATE humans SET role = 'reviewer'"));
    await withClient(house.database.adminUrl, (client) => client.query("SELECT pg_notify('countersign', 'chain 1')"));
    await expect.poll(() => house.warden.alarms.list().map(({ code }) => code)).toContain('projection_differs');
    await pulse.stop();
  });

  test('keeps the events of alarms while the database is away, and writes them once it is back', async () => {
    const before = (await events('alarm.raised')).length;
    house.warden.alarms.raise('tampering', 'Somebody was here.');
    const tried = vi.fn(() => Promise.reject(new Error('away')));
    const away = { ...house.signWarden, db: { ...house.warden.db, $transaction: tried } };
    const missing = startPulse(away as unknown as typeof house.signWarden, house.recorded);
    await expect.poll(() => tried.mock.calls.length, ONE_BEAT).toBeGreaterThan(0);
    await missing.stop();
    await beats(2);
    const raised = (await events('alarm.raised')).slice(before).map(({ body }) => JSON.parse(body).data.code);
    expect(raised.filter((code) => code === 'tampering')).toEqual(['tampering']);
  });
});

describe('Repeated work', () => {
  test('goes on after errors, never runs twice at once, and a wake during a run means one more', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const onError = vi.fn();
    const work = loop(
      async () => {
        running += 1;
        most = Math.max(most, running);
        runs += 1;
        await Promise.resolve();
        running -= 1;
        if (runs === 1) throw new Error('away');
        return 60_000;
      },
      { onError, retryMs: 1 },
    );
    await expect.poll(() => runs).toBe(2);
    for (let i = 0; i < 5; i += 1) work.wake();
    await expect.poll(() => runs).toBeGreaterThanOrEqual(3);
    await work.stop();
    const last = runs;
    work.wake();
    expect([most, onError.mock.calls.length, runs]).toEqual([1, 1, last]);
  });

  test('runs once for all that ask within a moment, and not after it was stopped', async () => {
    let runs = 0;
    const work = loop(
      async () => {
        runs += 1;
        return 60_000;
      },
      { onError: () => undefined },
    );
    for (let i = 0; i < 50; i += 1) work.wakeWithin(20);
    await expect.poll(() => runs).toBe(2);
    work.wakeWithin(1);
    await work.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(runs).toBe(2);
  });

  test('A target has so many at once and no more, and a full one holds up no other (P8)', async () => {
    const { run } = perTargetLimit(2);
    let inside = 0;
    let most = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const stuck = Array.from({ length: 5 }, () =>
      run('a', async () => {
        inside += 1;
        most = Math.max(most, inside);
        await gate;
        inside -= 1;
      }),
    );
    await expect(run('b', async () => 'through')).resolves.toBe('through');
    release();
    await Promise.all(stuck);
    expect(most).toBe(2);
    await expect(run('a', async () => 'free')).resolves.toBe('free');
  });

  test('Nobody waits for ever for a target that says nothing', async () => {
    await expect(withTimeout(0.01, new Promise(() => undefined))).rejects.toMatchObject({ code: 'target_unreachable' });
    await expect(withTimeout(10, Promise.resolve(1))).resolves.toBe(1);
  });
});
