import { afterEach, beforeEach, expect, test } from 'vitest';
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
  const newest = { name: 'newest', text: 'SELECT nonce FROM gateway_instances' };
  confirming = setInterval(() => {
    void nonces.rows<{ nonce: string }>(newest, []).then(([row]) => freshness.confirmed(row?.nonce));
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

test('A nonce that never came back from the warden makes nothing fresh (P7)', async () => {
  clearInterval(confirming);
  freshness.confirmed('a nonce that was never sent');
  await expect.poll(() => freshness.ageSeconds()).toBeGreaterThan(2);
});
