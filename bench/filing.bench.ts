import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { addTarget, databaseConfig, type House, newAgent, openHouse, type TestAgent } from '#testing/warden';
import { type Row, report } from './measure';
import { load, type Server, serve } from './servers';

/* Filing through the built app, against a bare route handler in a built app of its own. */

const WARM_SECONDS = 20;
const SECONDS = 10;
const [OURS, BARE] = [21_811, 21_812];

let house: House;
let agent: TestAgent;
let ours: Server;
let bare: Server;

beforeAll(async () => {
  house = await openHouse();
  agent = await newAgent(house);
  await addTarget(house, databaseConfig({ host: 'localhost', port: 1, database: 'none', user: 'none' }), 'none');
  await withClient(house.database.ownerUrl, (client) =>
    client.query(`
    CREATE TABLE bare_requests (id bigserial PRIMARY KEY, reason text, created_at timestamptz DEFAULT now());
    CREATE TABLE bare_events (seq bigserial PRIMARY KEY, request_id bigint, body text);`),
  );
  const limits = '1000000';
  ours = await serve('.', OURS, {
    DATABASE_URL: house.database.webUrl,
    WEB_ORIGIN: `http://localhost:${OURS}`,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    AGENT_FILINGS_PER_MINUTE: limits,
    AGENT_CALLS_PER_SECOND: limits,
    AGENT_OPEN_REQUESTS: '0',
  });
  bare = await serve('bench/bare', BARE, { DATABASE_URL: house.database.ownerUrl });
});
afterAll(async () => {
  await Promise.all([ours.stop(), bare.stop()]);
  await house.close();
});

let turn = 0;

function fileOurs(): Promise<Response> {
  turn += 1;
  const body = {
    target: 'bookings',
    resources: [`table/public.t${turn}`],
    verbs: ['select', 'update'],
    ttlSeconds: 600,
    reason: `Reason ${turn}`,
  };
  return post(`${ours.origin}/api/v1/requests`, body, { authorization: `Bearer ${agent.token}` });
}

const fileBare = (): Promise<Response> => post(`${bare.origin}/api/filing`, { reason: `Reason ${turn}` });

const post = (url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

/** Filed ones are decided, so that "undecided" stays what it is in life: few. */
const decide = (): Promise<unknown> =>
  withClient(house.database.ownerUrl, (client) =>
    client.query("UPDATE requests SET state = 'lapsed' WHERE state = 'preparing'"),
  );

async function measured(clients: number): Promise<{ ours: number; bare: number }> {
  await decide();
  return { ours: await load(clients, SECONDS, fileOurs), bare: await load(clients, SECONDS, fileBare) };
}

const tenThousandGrants = (): Promise<unknown> =>
  withClient(house.database.adminUrl, (client) =>
    client.query(`
    WITH asked AS (SELECT id, agent_id, target_id, resources, verbs, ttl_seconds FROM requests LIMIT 10000)
    INSERT INTO grants (id, kind, request_id, agent_id, target_id, resources, verbs, ttl_seconds, state, end_reason, proof, ready_at, collect_by)
    SELECT 'grn_' || substr(id, 5), 'elevated', id, agent_id, target_id, resources, verbs, ttl_seconds, 'ended', 'expired', '["x"]', now(), now() FROM asked`),
  );

test('Filing', async () => {
  for (const send of [fileOurs, fileBare]) await load(16, WARM_SECONDS, send);
  const [one, many] = [await measured(1), await measured(16)];
  const before = await load(16, SECONDS, fileOurs);
  await decide();
  await tenThousandGrants();
  const after = await load(16, SECONDS, fileOurs);
  const row = (what: string, figures: { ours: number; bare: number }, aim: string): Row => ({
    what,
    ...figures,
    unit: '/s',
    aim,
  });
  report('Filing', [
    row('filed a second, 1 client', one, '≥ 0.5'),
    row('filed a second, 16 clients', many, '≥ 0.5'),
    row('16 clients after 10,000 grants, against before', { ours: after, bare: before }, '≥ 0.8'),
  ]);
  expect(turn).toBeGreaterThan(100);
});
