import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Hot } from '#lib/db';
import { type Recorder, startRecorder } from './recorder';

const AT = new Date('2030-01-01T00:00:00Z');
const SEEN = { agentId: 'agt_1', targetId: 'tgt_1', grantId: null, operation: 'GET /things' };

let away: boolean;
let written: unknown[][];
let recorder: Recorder;

const hot = {
  async rows(_statement: unknown, values: unknown[]) {
    if (away) throw new Error('away');
    written.push(values);
    return [];
  },
} as unknown as Hot;

const bodies = (): Array<{ data: { operations: Record<string, number> } }> =>
  written.flatMap((values) => (values.at(-1) as string[]).map((body) => JSON.parse(body)));

beforeEach(() => {
  vi.useFakeTimers();
  [away, written] = [false, []];
  recorder = startRecorder({ hot, now: () => AT });
});
afterEach(async () => {
  away = false;
  await recorder.stop();
  vi.useRealTimers();
});

test('A second’s reads of one agent at one target are one event, which counts them', async () => {
  for (const operation of ['GET /a', 'GET /a', 'GET /b']) recorder.read({ ...SEEN, operation });
  recorder.read({ ...SEEN, agentId: 'agt_2' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toHaveLength(1);
  expect(bodies().map(({ data }) => data.operations)).toEqual([{ 'GET /a': 2, 'GET /b': 1 }, { 'GET /things': 1 }]);
});

test('Two hundred operations are told apart, and no more: the rest is counted', async () => {
  for (let i = 0; i < 250; i += 1) recorder.read({ ...SEEN, operation: `GET /${i}` });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(bodies()[0]?.data.operations).toMatchObject({ other: 50 });
});

test('What was read while the database was away is written when it is back, and once (P4)', async () => {
  away = true;
  recorder.read(SEEN);
  await vi.advanceTimersByTimeAsync(3_000);
  away = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(bodies()).toHaveLength(1);
});

test('Past the bound no read can be recorded, so none may pass, until the database is back (P4)', async () => {
  away = true;
  for (let i = 0; i < 5_000; i += 1) recorder.read({ ...SEEN, agentId: `agt_${i}` });
  expect(recorder.canRecord()).toBe(false);
  away = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(recorder.canRecord()).toBe(true);
});

test('What waits is written before it stops', async () => {
  recorder.read(SEEN);
  await recorder.stop();
  expect(bodies()).toHaveLength(1);
});
