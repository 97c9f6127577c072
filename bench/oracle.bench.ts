import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { createSampleDatabase } from '../scripts/sample.mjs';
import { report, timed } from './measure';
import { times } from './size';
import { openWorld, type World } from './world';

/*
 * Two databases that differ in one value, and an agent that may only ask (T79): what it is answered is compared byte
 * by byte, and how long that takes by the distance of Kolmogorov and Smirnov. The same distance of when people see
 * the preview, which the agent cannot see, shows that the statements do tell the databases apart.
 */

const SIDES = ['left', 'right'] as const;
type Side = (typeof SIDES)[number];

/** What each asks: does the first customer's e-mail begin with z? */
const IS_IT = "(SELECT email LIKE 'z%' FROM customers WHERE id = 1)";
const QUESTIONS = [
  `SELECT id FROM bookings WHERE length(table_to_xml('customers', false, true, CASE WHEN ${IS_IT} THEN '' END)::text) > 3`,
  `SELECT count(*) FROM bookings a, bookings b WHERE ${IS_IT} AND a.id + b.id > 0`,
  `SELECT id FROM bookings WHERE id = (CASE WHEN ${IS_IT} THEN 'a' ELSE '1' END)::int`,
  `SELECT pg_sleep(CASE WHEN ${IS_IT} THEN 1 ELSE 0 END)`,
];
const LOOKS = 8;

/** One ask as its agent sees it, milliseconds. */
interface Seen {
  readonly side: Side;
  readonly filed: number;
  readonly looked: number;
  readonly answers: string;
  /** Not for agents. */
  readonly landed: number;
}

let world: World;
let token: string;

beforeAll(async () => {
  world = await openWorld();
  for (const side of SIDES) await addDatabase(side);
  ({ token } = await world.owner.register({ name: 'curious', publicJwk: null }));
});
afterAll(() => world.close());

async function addDatabase(side: Side): Promise<void> {
  const names = { database: `bookings_${side}`, owner: `owner_${side}`, broker: `broker_${side}` };
  const { host, port, database, user, password } = await createSampleDatabase(world.urls.admin, names);
  const at = new URL(world.urls.admin);
  at.pathname = `/${database}`;
  if (side === 'right')
    await withClient(at.href, (client) => client.query(`UPDATE customers SET email = 'z' || email WHERE id = 1`));
  await world.owner.addTarget({
    ...{ kind: 'postgres', name: side, environment: 'staging', soleOwnerMayApprove: true, maxTtlSeconds: 3_600 },
    ...{ connection: `postgresql://${user}@${host}:${port}/${database}?sslmode=disable`, password },
    ...{ schemas: ['public'], restReads: [], countRows: true },
  });
}

const get = async (path: string, init: RequestInit = {}): Promise<string> => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await fetch(`${world.web}/api/v1/${path}`, { ...init, headers });
  return JSON.stringify([answer.status, answer.headers.get('etag'), await answer.text()]);
};

let asked = 0;

async function ask(side: Side, sql: string): Promise<Seen> {
  asked += 1;
  const body = JSON.stringify({
    target: side,
    resources: ['table/public.bookings', 'table/public.customers'],
    verbs: ['select'],
    ttlSeconds: 60 + (asked % 3_000),
    reason: 'It is measured.',
    operation: { sql, maxRows: 5 },
  });
  const from = performance.now();
  const filed = await get('requests', { method: 'POST', body });
  const filedIn = performance.now() - from;
  const id = /req_[0-9A-Za-z]+/.exec(filed)?.[0] ?? '';
  const landed = world.previews.landed(id).then(() => performance.now() - from);
  const answers = [filed];
  const lookedIn: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    lookedIn.push(await timed(async () => answers.push(await get(`requests/${id}`))));
    await sleep(10);
  }
  const seen = { side, filed: filedIn, looked: lookedIn.reduce((sum, one) => sum + one, 0), landed: await landed };
  return { ...seen, answers: anonymous(answers.join('\n')) };
}

/** Without what is another one each time: ids, times, the name of the target, how long it may last. */
const anonymous = (text: string): string =>
  text
    .replaceAll(/(req|agt|tgt)_[0-9A-Za-z]+/g, '$1')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replaceAll(/"(ttlSeconds|version)\\?":\d+/g, '$1')
    .replaceAll(/\b(left|right)\b/g, 'side');

/** The largest distance of two distributions: 0 the same, 1 without overlap. */
function distance(left: readonly number[], right: readonly number[]): number {
  const share = (values: readonly number[], at: number): number =>
    values.filter((value) => value <= at).length / values.length;
  return Math.max(...[...left, ...right].map((at) => Math.abs(share(left, at) - share(right, at))));
}

/** What two samples of one distribution stay below in 999 of 1,000 cases. */
const bound = (left: readonly unknown[], right: readonly unknown[]): number =>
  1.95 * Math.sqrt((left.length + right.length) / (left.length * right.length));

test('What an agent observes of two databases that differ in one value', async () => {
  const seen: Seen[] = [];
  for (let round = 0; round < times(1_000) / 2; round += 1) {
    const order = Math.random() < 0.5 ? SIDES : SIDES.toReversed();
    const sql = QUESTIONS[round % QUESTIONS.length] ?? '';
    for (const side of order) seen.push(await ask(side, sql));
    await decide();
  }
  const [left, right] = SIDES.map((side) => seen.filter((one) => one.side === side));
  if (left === undefined || right === undefined) throw new Error('nothing was asked');
  const row = (what: string, of: (one: Seen) => number, aim: string) => ({
    ...{ what, unit: '', aim },
    ours: distance(left.map(of), right.map(of)),
    bare: bound(left, right),
  });
  report('Two databases that differ in one value, distance of what is seen against its bound', [
    row('an agent: filing', (one) => one.filed, '≤ 1'),
    row('an agent: looking eight times', (one) => one.looked, '≤ 1'),
    row('people: the preview', (one) => one.landed, ''),
  ]);
  for (const question of QUESTIONS.keys())
    expect(
      new Set(
        seen.filter((_, index) => Math.floor(index / 2) % QUESTIONS.length === question).map((one) => one.answers),
      ).size,
    ).toBe(1);
});

const decide = (): Promise<unknown> =>
  withClient(world.urls.admin, (client) =>
    client.query("UPDATE requests SET state = 'lapsed' WHERE state IN ('preparing', 'pending')"),
  );
