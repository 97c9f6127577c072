import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { connectHot, type Hot, type Listener, listen } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { type TcpProxy, tcpProxy } from '#testing/network';
import { type Freshness, startFreshness } from './freshness';

/* Statements go straight to the database; notices come over a wire that can go dark. */

let wire: TcpProxy;
let hot: Hot;
let listener: Listener;
let freshness: Freshness;
let nonces: Hot;
let confirming: NodeJS.Timeout;
let confirmed: Promise<void>;

const NEWEST = { name: 'newest', text: 'SELECT nonce FROM gateway_instances' };
const newest = async (): Promise<string | undefined> => (await nonces.rows<{ nonce: string }>(NEWEST, []))[0]?.nonce;

beforeEach(async () => {
  const { gatewayUrl, wardenUrl } = await freshDatabase();
  const url = new URL(gatewayUrl);
  wire = await tcpProxy(Number(url.port));
  url.port = String(wire.port);
  hot = connectHot(gatewayUrl);
  nonces = connectHot(wardenUrl);
  listener = listen(url.href);
  const instance = { id: 'gwi_1', certificate: { body: '{}', signature: '' } };
  freshness = startFreshness({ hot, listener, instance, alarms: () => [] });
  // Every nonce comes back at once: what is tried here is the channel.
  confirming = setInterval(() => {
    confirmed = newest().then((nonce) => freshness.confirmed(nonce));
  }, 50);
  await expect.poll(() => freshness.ageSeconds()).toBeLessThan(1);
});
afterEach(async () => {
  clearInterval(confirming);
  await freshness.stop();
  await listener.close();
  await Promise.all([hot.close(), nonces.close()]);
});

test('A channel that goes dark while the database answers is not fresh, and is opened anew (P7)', async () => {
  const notices: unknown[] = [];
  listener.onNotice((notice) => notices.push(notice));
  wire.swallow();
  await expect.poll(() => freshness.ageSeconds()).toBeGreaterThan(2);
  await expect.poll(() => listener.connected()).toBe(false);
  wire.carry();
  await expect.poll(() => freshness.ageSeconds(), { timeout: 15_000 }).toBeLessThan(1);
  expect(listener.connected()).toBe(true);
  // Whatever was said meanwhile was not heard: all that is remembered is in doubt.
  expect(notices).toContain(null);
});

test('What the warden says late is as old as the nonce that it answers, and not as new as the answer (P7)', async () => {
  clearInterval(confirming);
  await confirmed;
  const nonce = await newest();
  const readAt = performance.now();
  await sleep(1_500);
  freshness.confirmed(nonce);
  const least = (performance.now() - readAt) / 1_000;
  expect(freshness.ageSeconds()).toBeGreaterThanOrEqual(least);
  // It counts all the same: a newer one makes what is known younger.
  const confirmedAge = async () => {
    freshness.confirmed(await newest());
    return freshness.ageSeconds();
  };
  await expect.poll(confirmedAge, { timeout: 5_000 }).toBeLessThan(least);
});

test.each([
  ['forward', 3_600_000],
  ['back', -3_600_000],
])('A host’s clock that is put %s makes nothing older and nothing younger (T77)', async (_, milliseconds) => {
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
  for (let tries = 0; tries < 10; tries += 1) {
    expect(freshness.ageSeconds()).toBeGreaterThanOrEqual(0);
    expect(freshness.ageSeconds()).toBeLessThan(600);
    await sleep(50);
  }
});

test('A nonce that never came back from the warden makes nothing fresh (P7)', async () => {
  clearInterval(confirming);
  freshness.confirmed('a nonce that was never sent');
  await expect.poll(() => freshness.ageSeconds()).toBeGreaterThan(2);
});
