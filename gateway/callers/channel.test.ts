import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectHot, type Hot, type Listener, listen } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { type Road, road } from '#testing/network';
import { type Beat, startBeat } from './heartbeat';

/* Statements go straight to the database; notices come over a wire that can go dark. */

let wire: Road;
let hot: Hot;
let listener: Listener;
let beat: Beat;

beforeEach(async () => {
  const { wardenUrl } = await freshDatabase();
  const url = new URL(wardenUrl);
  wire = await road(Number(url.port));
  url.port = String(wire.port);
  hot = connectHot(wardenUrl);
  listener = listen(url.href);
  beat = startBeat({ hot, listener });
  await expect.poll(() => beat.ageSeconds(), { timeout: 5_000 }).toBeLessThan(1);
});
afterEach(async () => {
  await beat.stop();
  await listener.close();
  await hot.close();
});

test('A channel that goes dark while the database answers is not fresh, and is opened anew (P7)', async () => {
  const notices: unknown[] = [];
  listener.onNotice((notice) => notices.push(notice));
  wire.swallow();
  await expect.poll(() => beat.ageSeconds(), { timeout: 5_000 }).toBeGreaterThan(2);
  await expect.poll(() => listener.connected(), { timeout: 5_000 }).toBe(false);
  wire.carry();
  await expect.poll(() => beat.ageSeconds(), { timeout: 15_000 }).toBeLessThan(1);
  expect(listener.connected()).toBe(true);
  // Whatever was said meanwhile was not heard: all that is remembered is in doubt.
  expect(notices).toContain(null);
});
