import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, test } from 'vitest';
import { type Agent, freshAsk, newAgent } from '../agents';
import { cleared, type Live, live, type Revoker, revoker, untilEnded } from '../grants';
import { type Pairs, percentiles, ROUNDS, report, together } from '../measure';
import { times } from '../size';
import { bytes, openScene, portOf, type Scene } from './scene';

/*
 * What ending, signing and collecting take while 64 clients keep the gateway as busy as it can be, against the same
 * with nobody there. The clients are a process of their own.
 */

const CLIENTS = 64;

let scene: Scene;
let agent: Agent;
let revoking: Revoker;

beforeAll(async () => {
  scene = await openScene();
  await scene.world.owner.addTarget({ kind: 'sample', soleOwnerMayApprove: true });
  agent = await newAgent(scene.world);
  revoking = revoker(scene.world);
});
afterAll(async () => {
  await revoking.close();
  await scene.close();
});

interface Taken {
  readonly dead: readonly number[];
  readonly signing: readonly number[];
  readonly collecting: readonly number[];
}

/** Everything that people and agents do before comes before the load. */
interface Prepared {
  readonly sessions: readonly Live[];
  readonly requests: readonly string[];
}

const prepare = async (): Promise<Prepared> => ({
  sessions: await together(4, times(120) / ROUNDS, () => live(scene.world, agent)),
  requests: await together(4, times(60) / ROUNDS, () => agent.pending(freshAsk())),
});

async function measure({ sessions, requests }: Prepared): Promise<Taken> {
  const dead: number[] = [];
  for (const session of sessions) {
    dead.push(await revoking.untilCut(session));
    await untilEnded(scene.world, [session.grantId]);
  }
  const signed: Signed[] = [];
  for (const requestId of requests) signed.push(await signAndCollect(requestId));
  return {
    dead,
    signing: signed.map(({ signing }) => signing),
    collecting: signed.map(({ collecting }) => collecting),
  };
}

interface Signed {
  readonly signing: number;
  readonly collecting: number;
}

async function signAndCollect(requestId: string): Promise<Signed> {
  const { owner } = scene.world;
  const signed = owner.touch(await owner.offer('request.approve', { requestId }));
  const begun = performance.now();
  await owner.submit(signed);
  const recorded = performance.now();
  const grantId = await agent.grantOf(requestId);
  const from = performance.now();
  await agent.collect(grantId);
  const collecting = performance.now() - from;
  await cleared(scene.world, [grantId]);
  return { signing: recorded - begun, collecting };
}

interface Saturation {
  /** Ends it. Returns the calls a second it got through. */
  stop(): Promise<number>;
}

async function saturated(): Promise<Saturation> {
  const request = bytes(scene.world, 'GET /t/bench/v1/things', { authorization: `Bearer ${scene.agent.token}` });
  const args = [String(portOf(scene.world)), String(CLIENTS), request.toString('base64')];
  const child = spawn(process.execPath, ['bench/gateway/saturate.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await said(child);
  return {
    async stop() {
      const last = said(child);
      child.kill('SIGTERM');
      return Number(await last);
    },
  };
}

const said = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString()));
    child.once('exit', (code) => reject(new Error(`the load ended with ${code}`)));
  });

/** Idle, then busy, some times over. */
async function byTurns(): Promise<{ readonly busy: Taken[]; readonly idle: Taken[]; readonly rate: number }> {
  const [busy, idle, rates]: [Taken[], Taken[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    idle.push(await measure(await prepare()));
    const prepared = await prepare();
    const load = await saturated();
    busy.push(await measure(prepared));
    rates.push(await load.stop());
  }
  return { busy, idle, rate: rates.reduce((sum, one) => sum + one, 0) / ROUNDS };
}

test('While the gateway is saturated', async () => {
  const { busy, idle, rate } = await byTurns();
  const both = (which: keyof Taken): Pairs<number, number> => ({
    ours: busy.flatMap((one) => one[which]),
    bare: idle.flatMap((one) => one[which]),
  });
  process.stdout.write(`\n${CLIENTS} clients got ${rate.toFixed(0)} answers a second meanwhile.\n`);
  report(`While ${CLIENTS} clients saturate the gateway, against idle`, [
    ...percentiles('revoke to dead', both('dead'), { p99: '≤ 2' }),
    ...percentiles('recording a signature', both('signing')),
    ...percentiles('collecting', both('collecting')),
  ]);
});
