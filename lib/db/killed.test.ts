import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withClient } from '#scripts/postgres';
import { freshDatabase, startTestServer, type TestServer } from '#testing/database';
import { webEnvOf } from '#testing/people';
import { addUpstream, httpConfig, httpUpstream } from '#testing/provider';
import { call as callWeb, filing } from '#testing/routes';
import {
  allowRest,
  approve,
  type CallOptions,
  call,
  callWarden,
  collect,
  file,
  type House,
  newAgent,
  openHouse,
  type TestAgent,
} from '#testing/warden';
import { provideWeb } from '#testing/web';
import { connect, type Db, type Listener, listen } from './index';

/*
 * A real server dies under load while agents call web, warden and gateway. To hammer it by hand:
 *   for i in $(seq 20); do npx vitest run lib/db/killed.test.ts || break; done
 */

let server: TestServer;
let house: House;
let web: { readonly db: Db; readonly listener: Listener };
let provider: Awaited<ReturnType<typeof httpUpstream>>;
let doors: Readonly<Record<string, () => Promise<number>>>;
let grantId: string;

beforeAll(async () => {
  // Durable: what a crash may not take back is asked afterwards.
  server = await startTestServer({ throwaway: false });
  house = await openHouse({ database: await freshDatabase((name) => server.cluster().adminUrl(name)) });
  openWeb(house.database.webUrl);
  provider = await httpUpstream([['/v1/things', [{ id: 1 }]]]);
  const agent = await newAgent(house);
  const config = httpConfig(provider.url, { opens: ['GET /v1/things'], outageSeconds: 1 });
  const targetId = await addUpstream(house, config, provider.secret);
  await allowRest(house, agent, targetId);
  grantId = await approve(house, await file(house, agent, targetId, WRITES));
  const { body } = await collect(house, grantId, { token: agent.collect });
  doors = doorsFor(agent, body.credential.accessToken);
}, 120_000);
afterAll(async () => {
  await house.close();
  await Promise.all([web.listener.close(), web.db.$disconnect(), provider.close()]);
  await server.close();
});

const WRITES = { resources: ['path/v1/other'], verbs: ['put'] };

function openWeb(url: string): void {
  web = { db: connect(url), listener: listen(url) };
  const agentLimits = { filingsPerMinute: 1_000_000, callsPerSecond: 1_000_000, openRequests: 0 };
  provideWeb({ ...web, env: { ...webEnvOf(url), agentLimits } });
}

function doorsFor(agent: TestAgent, grantToken: string): typeof doors {
  const { token, collect: collectSecret } = agent;
  const gateway = async (path: string, options: CallOptions) => (await call(house, path, options)).status;
  const warden = async (path: string, options: CallOptions) => (await callWarden(house, path, options)).status;
  const ofWeb = async (line: string, body?: ReturnType<typeof filing>) =>
    (await callWeb(line, { as: agent, ...(body === undefined ? {} : { body }) })).status;
  return {
    'a read at rest': () => gateway('/t/internal-api/v1/things', { method: 'GET', token }),
    'a use of a grant': () => gateway('/t/internal-api/v1/other', { method: 'PUT', token: grantToken, body: '1' }),
    'the gateway’s readiness': () => gateway('/readyz', { method: 'GET' }),
    'a look at a grant': () => warden(`/v1/grants/${grantId}`, { method: 'GET', token }),
    'a collection': () => warden(`/v1/grants/${grantId}/credential`, { token: collectSecret }),
    'the warden’s readiness': () => warden('/readyz', { method: 'GET' }),
    'a filing': () => ofWeb('POST /requests', filing({ target: 'internal-api', ...WRITES })),
    'a look at a request': () => ofWeb('GET /requests'),
  };
}

/** Every process of the server but the first. */
function children(): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, parent]) => (parent === server.cluster().pid ? [Number(pid)] : []));
}

/** The processes that serve Countersign. */
async function backends(): Promise<number[]> {
  const rows = await withClient(server.cluster().adminUrl(), async (admin) => {
    const { rows: found } = await admin.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()`,
      [house.database.name],
    );
    return found;
  });
  return rows.map(({ pid }) => pid);
}

const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It went by itself.
    }
  }
};

const WAYS: Readonly<Record<string, () => Promise<void>>> = {
  'its sessions are terminated': async () => {
    await withClient(server.cluster().adminUrl(), (admin) =>
      admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [house.database.name]),
    );
  },
  'one session crashes, and takes the others with it': async () => {
    signalAll((await backends()).slice(0, 1), 'SIGKILL');
  },
  'it is shut down at once': async () => {
    server.cluster().signal('SIGQUIT');
    await server.cluster().exited;
    await sleep(300);
    await server.restart();
  },
  'it freezes, and is killed': async () => {
    server.cluster().signal('SIGSTOP');
    // None is added any more, and none may stay: it would wait for a lock of one that is gone, and keep the memory.
    const pids = children();
    signalAll(pids, 'SIGSTOP');
    await sleep(2_500);
    signalAll([server.cluster().pid, ...pids], 'SIGKILL');
    await server.cluster().exited;
    await sleep(300);
    await server.restart();
  },
};

/** Calls every door without a pause until told to stop. Returns how often each answer was given, by door. */
function callWithoutPause(): () => Promise<Record<string, Record<string, number>>> {
  let stopping = false;
  const answers: Record<string, Record<string, number>> = {};
  const callers = Object.entries(doors).flatMap(([name, door]) => {
    const counts: Record<string, number> = {};
    answers[name] = counts;
    return [1, 2].map(async () => {
      while (!stopping) {
        const answer = String(await door().catch(() => CUT));
        counts[answer] = (counts[answer] ?? 0) + 1;
      }
    });
  });
  return async () => {
    stopping = true;
    await Promise.all(callers);
    return answers;
  };
}

/** What passed already may be cut while the provider's answer is on its way: "nothing was sent" would be a lie. */
const CUT = 'cut';
const PASSING = ['200', '503'];
/** What is due where the database answers, and 503 where it is away. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'a read at rest': [...PASSING, CUT],
  'a use of a grant': [...PASSING, CUT],
  'the gateway’s readiness': PASSING,
  'a look at a grant': PASSING,
  'a collection': ['409', '503'],
  'the warden’s readiness': PASSING,
  'a filing': ['201', '409', '503'],
  'a look at a request': PASSING,
};

test.each(Object.keys(WAYS))(
  'While %s every answer is what is due, or 503, and it is served again afterwards',
  async (way) => {
    for (const door of ['a read at rest', 'a use of a grant', 'a look at a request'])
      await expect.poll(() => doors[door]?.(), { timeout: 20_000 }).toBe(200);
    const stop = callWithoutPause();
    await sleep(200);
    await WAYS[way]?.();
    await sleep(500);
    const answers = await stop();
    const undue = Object.entries(answers).flatMap(([door, counts]) =>
      Object.keys(counts).filter((answer) => !ALLOWED[door]?.includes(answer)),
    );
    expect(undue, JSON.stringify(answers)).toEqual([]);
    expect(JSON.stringify(answers)).toContain('503');
  },
  60_000,
);

test('Nothing went out that was not counted (P4, T64)', async () => {
  await expect.poll(() => doors['a use of a grant']?.(), { timeout: 20_000 }).toBe(200);
  const counted = await house.owner.auditEvent.count({ where: { kind: 'grant.used', grantId } });
  expect(provider.changes.length).toBeGreaterThan(0);
  expect(counted).toBeGreaterThanOrEqual(provider.changes.length);
});
