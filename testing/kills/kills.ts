import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openApiDocument } from '#lib/http/openapi';
import { freePorts } from '#scripts/installation';
import { withClient } from '#scripts/postgres';
import { type Supervised, supervise } from '#scripts/supervision';
import { adminUrl } from '#testing/database';
import { buildProcess } from '#testing/process';
import {
  addTarget,
  approve,
  collect,
  databaseConfig,
  file,
  type House,
  newAgent,
  openHouse,
  sampleCompany,
  session,
  type TestAgent,
} from '#testing/warden';

/*
 * Only for tests: the warden as it is built and supervised, to be killed with -9
 * while roles live and are being made.
 */

const ROLES = 4;

/** What came of one kill, by this host's monotonic clock. */
export interface Killed {
  /** Until it answered again. */
  readonly backMs: number;
  /** Of each session: its end after the warden was back, or after its time where that came later. */
  readonly lateMs: readonly number[];
}

export interface KilledWarden {
  /** Kills it at any moment while some roles live and some are being made, and waits until all are dead. */
  kill(): Promise<Killed>;
  /** Roles that may log in, grants that were collected and are not over, and lines of the ledger. */
  left(): Promise<{ readonly roles: number; readonly grants: number; readonly lines: number }>;
  close(): Promise<void>;
}

export async function openKilledWarden(): Promise<KilledWarden> {
  const house = await openHouse();
  const agent = await newAgent(house);
  const { password, ...place } = await sampleCompany();
  const targetId = await addTarget(house, databaseConfig(place), password);
  const dir = mkdtempSync(join(tmpdir(), 'countersign-kills-'));
  const bundle = await buildProcess('warden/main.ts');
  const agents = `http://localhost:${await freePorts(1)}`;
  writeFileSync(join(dirname(bundle.file), 'agent-openapi.json'), JSON.stringify(openApiDocument('agent', agents)));
  const warden = supervise(
    {
      ...{ name: 'warden', args: [bundle.file], logFile: join(dir, 'warden.log'), workshop: dir, owner: null },
      env: await environmentOf(house, agents),
      program: { cwd: process.cwd(), node: process.execPath },
    },
    () => undefined,
  );
  const there: There = { house, agent, targetId, agents, warden };
  return {
    kill: () => kill(there),
    async left() {
      const grants = await house.owner.grant.count({ where: { state: { in: ['active', 'ending'] } } });
      return { roles: await rolesAt(place.database), grants, lines: house.restarted().vault.live.list().length };
    },
    async close() {
      await warden.stop();
      bundle.remove();
      await house.close();
      rmSync(dir, { recursive: true });
    },
  };
}

const environmentOf = async (house: House, agents: string) => ({
  NODE_ENV: 'production' as const,
  WARDEN_DATABASE_URL: house.database.wardenUrl,
  WARDEN_DIR: house.dir,
  PUBLIC_DIR: house.keys.publicDir,
  SIGN_ORIGIN: house.warden.signing.origin,
  SIGN_PORT: String(await freePorts(1)),
  AGENT_ORIGIN: agents,
  AGENT_PORT: new URL(agents).port,
});

interface There {
  readonly house: House;
  readonly agent: TestAgent;
  readonly targetId: string;
  readonly agents: string;
  readonly warden: Supervised;
}

const now = (): number => performance.now();

async function kill(there: There): Promise<Killed> {
  const { house, agent, targetId, warden } = there;
  await until(() => answers(there));
  // Some are over before the kill, some while it is away, some after.
  const asked = Array.from({ length: ROLES }, () => 1 + Math.floor(Math.random() * 3));
  const grants: string[] = [];
  for (const ttlSeconds of asked) grants.push(await approve(house, await file(house, agent, targetId, { ttlSeconds })));
  const lives = grants.map((grantId, n) => live(there, grantId, asked[n] ?? 0));
  await sleep(Math.random() * 1_500);
  const pid = warden.pid();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  const killed = now();
  await until(async () => warden.pid() !== pid);
  await until(() => answers(there));
  const back = now();
  const had = (await Promise.all(lives)).filter((life) => life !== null);
  const lateMs = await Promise.all(had.map(async ({ due, over }) => (await over) - Math.max(due, back)));
  return { backMs: back - killed, lateMs };
}

/** A session and its end; null where the kill came before anything was had. */
async function live(
  { house, agent, agents }: There,
  grantId: string,
  ttlSeconds: number,
): Promise<{ readonly due: number; readonly over: Promise<number> } | null> {
  const door = { origins: { ...house.origins, agent: agents } };
  const answer = await collect(door, grantId, { token: agent.collect }).catch(() => null);
  if (answer?.status !== 200) return null;
  const due = now() + ttlSeconds * 1_000;
  const client = await session(answer.body.credential).catch(() => null);
  return client && { due, over: new Promise((resolve) => void client.once('end', () => resolve(now()))) };
}

const answers = ({ agents }: There): Promise<boolean> =>
  fetch(`${agents}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

const rolesAt = (database: string): Promise<number> =>
  withClient(adminUrl(), async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM pg_roles WHERE rolname LIKE 'cs\\_%' AND rolcanlogin AND has_database_privilege(oid, $1, 'CONNECT')`,
      [database],
    );
    return rowCount ?? 0;
  });
