import { afterAll, beforeAll, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { type Agent, freshAsk, newAgent } from './agents';
import { type BareApp, openBareApp } from './bare-app';
import { type ByHand, byHand } from './by-hand';
import { merged, type Pairs, pairs, percentiles, ROUNDS, report, timed, together } from './measure';
import { load } from './servers';
import { SECONDS, times, WARM_SECONDS } from './size';
import type { Row } from './table';
import { openWorld, type World } from './world';

/*
 * Filing through web, against a bare handler in a Next.js app of its own: while the warden previews every request at a
 * real database, and with no warden at all.
 */

let world: World;
let agent: Agent;
let bare: BareApp;
let hand: ByHand;

beforeAll(async () => {
  world = await openWorld();
  await world.owner.addTarget({ kind: 'sample', soleOwnerMayApprove: true });
  agent = await newAgent(world);
  bare = await openBareApp(world, 19_812);
  hand = await byHand(world);
});
afterAll(async () => {
  await Promise.all([hand.close(), bare.stop()]);
  await world.close();
});

const fileOurs = (): Promise<Response> =>
  fetch(`${world.web}/api/v1/requests`, {
    method: 'POST',
    body: JSON.stringify({ reason: 'It is measured.', ...freshAsk() }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${agent.token}` },
  });

const sql = <T extends object>(text: string): Promise<T[]> =>
  withClient(world.urls.admin, async (client) => (await client.query<T>(text)).rows);

/** Filed ones are decided, so that "undecided" stays what it is in life: few. */
const decide = (): Promise<unknown> =>
  sql("UPDATE requests SET state = 'lapsed' WHERE state IN ('preparing', 'pending')");

interface Figures {
  readonly ours: number;
  readonly bare: number;
  /** Requests a second that were previewed meanwhile. */
  readonly previewed: number;
}

/** Rounds by turns: ours, then the bare one. */
async function measured(clients: number): Promise<Figures> {
  const sum = { ours: 0, bare: 0, previewed: 0 };
  const seconds = SECONDS / ROUNDS;
  for (let round = 0; round < ROUNDS; round += 1) {
    await decide();
    sum.ours += await load(clients, seconds, fileOurs);
    const [row] = await sql<{ count: number }>("SELECT count(*)::int AS count FROM requests WHERE state = 'pending'");
    sum.previewed += (row?.count ?? 0) / seconds;
    await decide();
    sum.bare += await load(clients, seconds, bare.file);
  }
  return { ours: sum.ours / ROUNDS, bare: sum.bare / ROUNDS, previewed: sum.previewed / ROUNDS };
}

const row = (what: string, figures: { ours: number; bare: number }, aim = ''): Row => ({
  what,
  ...figures,
  unit: '/s',
  aim,
});

test('Filing, with the warden at work', async () => {
  for (const send of [fileOurs, bare.file]) await load(16, WARM_SECONDS, send);
  const [one, many] = [await measured(1), await measured(16)];
  report('Filing, with the warden at work', [
    row('filed a second, 1 client', one),
    row('filed a second, 16 clients', many),
    row('previewed a second meanwhile, 1 client, against filed', { ours: one.previewed, bare: one.ours }),
    row('previewed a second meanwhile, 16 clients, against filed', { ours: many.previewed, bare: many.ours }),
  ]);
  expect(one.previewed).toBeGreaterThan(0);
});

/** From sending it to the moment web shows people what it would do. */
const visible = (): Promise<number> => timed(() => agent.pending(freshAsk()));

const visibleByHand = (): Promise<number> =>
  timed(async () => {
    await (await bare.file()).arrayBuffer();
    await hand.look();
  });

test('From filing to a preview that people see', async () => {
  await decide();
  const alone = await pairs(times(200), visible, visibleByHand);
  const many: Array<Pairs<number, number>> = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await decide();
    const ours = await together(16, times(200), visible);
    many.push({ ours, bare: await together(16, times(200), visibleByHand) });
  }
  report('Filed to preview visible, against a bare filing, one look and a notice', [
    ...percentiles('1 client', alone),
    ...percentiles('16 clients', merged(many)),
  ]);
});

const tenThousandGrants = (): Promise<unknown> =>
  sql(`
    WITH asked AS (SELECT id, agent_id, target_id, resources, verbs, ttl_seconds FROM requests LIMIT 10000)
    INSERT INTO grants (id, kind, request_id, agent_id, target_id, resources, verbs, ttl_seconds, state, end_reason, proof, ready_at, collect_by)
    SELECT 'grn_' || substr(id, 5), 'elevated', id, agent_id, target_id, resources, verbs, ttl_seconds, 'ended', 'expired', '["x"]', now(), now() FROM asked`);

test('Filing, with no warden', async () => {
  await world.stopWarden();
  const [one, many] = [await measured(1), await measured(16)];
  await decide();
  await tenThousandGrants();
  const after = await measured(16);
  report('Filing', [
    row('filed a second, 1 client', one, '≥ 0.5'),
    row('filed a second, 16 clients', many, '≥ 0.5'),
    {
      what: '16 clients after 10,000 grants, against before, each against the bare handler',
      ours: after.ours / after.bare,
      bare: many.ours / many.bare,
      unit: '× bare',
      aim: '≥ 0.8',
    },
  ]);
});
