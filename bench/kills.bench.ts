import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KilledWarden, openKilledWarden } from '#testing/kills';
import { percentile, report } from './measure';
import { times } from './size';

/* The warden killed with -9 again and again, while roles live and are being made: how soon it is back, and they are dead (P5). */

/** For being back, and for what it made being dead after that. */
const PROMISED_MS = 5_000;

/** Side by side, each over a database of its own: the machine is busy meanwhile. */
const WARDENS = 3;

let wardens: readonly KilledWarden[];
beforeAll(async () => {
  wardens = await Promise.all(Array.from({ length: WARDENS }, openKilledWarden));
});
afterAll(() => Promise.all(wardens.map((warden) => warden.close())));

test('Kills of the warden', async () => {
  const [back, late]: [number[], number[]] = [[], []];
  let left = times(500);
  await Promise.all(
    wardens.map(async (warden) => {
      while (left > 0) {
        left -= 1;
        const { backMs, lateMs } = await warden.kill();
        back.push(backMs);
        late.push(...lateMs);
      }
    }),
  );
  const row = (what: string, values: readonly number[], share: number) => ({
    ...{ what: `${what}, of ${values.length}`, unit: 'ms', aim: '≤ 1', bare: PROMISED_MS },
    ours: percentile(values, share),
  });
  report('Killed with -9, against the promised five seconds', [
    row('Back after a kill, p50', back, 0.5),
    row('Back after a kill, the longest', back, 1),
    row('A role dead after that, or after its time, p50', late, 0.5),
    row('A role dead after that, or after its time, the longest', late, 1),
  ]);
  for (const warden of wardens)
    await expect.poll(() => warden.left(), { timeout: 60_000 }).toEqual({ roles: 0, grants: 0, lines: 0 });
});
