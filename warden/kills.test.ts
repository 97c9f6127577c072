import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KilledWarden, openKilledWarden } from '#testing/kills';

/* Killed with -9 while roles live and are being made (P5). `npm run bench -- kills` does it 500 times, and times it. */

const KILLS = 3;

let warden: KilledWarden;
beforeAll(async () => {
  warden = await openKilledWarden();
});
afterAll(() => warden.close());

test('Killed at any moment, it is back, and leaves nothing that it made', async () => {
  const late: number[] = [];
  // On a busy machine a kill may come before anything was had.
  for (let n = 0; n < KILLS || (late.length === 0 && n < 12); n += 1) late.push(...(await warden.kill()).lateMs);
  expect(late.length).toBeGreaterThan(0);
  // What was cut off while it was being made is found and taken away as well.
  await expect.poll(() => warden.left(), { timeout: 60_000 }).toEqual({ roles: 0, grants: 0, lines: 0 });
}, 180_000);
