import type { SignedUpstream } from '#gateway/head';
import { DomainError, digestOf } from '#lib/core';
import { fairLimit, type Loop, loop } from '#lib/process';
import type { Gateway } from '../context';
import { unreachableTargets } from './alarm';
import { answerProbe, reportTarget, waitingProbes } from './reports';
import { type Filed, lookAtRequest, waitingRequests } from './requests';

const REST_MS = 1_000;
const RETRY_MS = 3_000;

/** Requests are told of one by one, most of them not ours: so many milliseconds of them are looked through together. */
const REQUESTS_MS = 20;

/** A provider is asked for its whole schema: not every minute, but one that was not well. */
const REPORT_MS = { well: 15 * 60_000, unwell: 60_000 };

/** Starts looking at what was filed, at what is being added, and from time to time at every target. */
export function startLooks(gateway: Gateway): { stop(): Promise<void> } {
  const jobs = createJobs(gateway);
  const requests = requestLooks(gateway, jobs);
  const reporter = createReporter(gateway, jobs);
  const onError = (error: unknown): void => gateway.log.warn({ err: error }, 'looks wait for the database');
  const rounds = loop(
    async () => {
      await requests.takeNew();
      for (const probe of await waitingProbes(gateway, jobs.names()))
        jobs.begin(probe.id, () => answerProbe(gateway, probe));
      reporter.reportTargets();
      return REST_MS;
    },
    { onError },
  );
  const unsubscribe = wakeOn(gateway, rounds, reporter);
  return {
    async stop() {
      unsubscribe();
      await rounds.stop();
      await jobs.idle();
    },
  };
}

function wakeOn({ listener, head }: Gateway, rounds: Loop, reporter: Reporter): () => void {
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || notice.table === 'probes') rounds.wake();
    else if (notice.table === 'requests') rounds.wakeWithin(REQUESTS_MS);
  });
  const unsubscribeHead = head.onState(() => {
    if (reporter.isDue()) rounds.wake();
  });
  return () => {
    unsubscribe();
    unsubscribeHead();
  };
}

interface Jobs {
  /** Does it once at a time, and of several copies at one of them; what fails is free to be taken again after a while. */
  begin(name: string, work: () => Promise<void>): void;
  names(): readonly string[];
  idle(): Promise<void>;
}

function createJobs({ locks, log }: Gateway): Jobs {
  const inFlight = new Map<string, Promise<void>>();

  async function withLock(name: string, work: () => Promise<void>): Promise<number> {
    if (!(await locks.tryLock(`look ${name}`))) return REST_MS;
    try {
      await work();
      return 0;
    } finally {
      await locks.unlock(`look ${name}`);
    }
  }

  async function run(name: string, work: () => Promise<void>): Promise<void> {
    const waitMs = await withLock(name, work).catch((error: unknown) => {
      log.warn({ err: error, subject: name }, 'a look failed and is tried again');
      return RETRY_MS;
    });
    if (waitMs === 0) inFlight.delete(name);
    else setTimeout(() => inFlight.delete(name), waitMs).unref();
  }

  return {
    begin(name, work) {
      if (!inFlight.has(name)) inFlight.set(name, run(name, work));
    },
    names: () => [...inFlight.keys()],
    async idle() {
      await Promise.all(inFlight.values());
    },
  };
}

/** Requests being looked at: a few at a time of one agent, and again later where the target was away. */
function requestLooks(gateway: Gateway, jobs: Jobs): { takeNew(): Promise<void> } {
  const limit = fairLimit();
  const unreachable = unreachableTargets(gateway);
  const targetOf = new Map<string, string>();

  async function look(request: Filed): Promise<void> {
    const { target_id: targetId, agent_id: agentId } = request;
    try {
      await lookAtRequest(gateway, request, (look) => limit.run({ targetId, agentId }, look));
      unreachable.clear(targetId);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'target_unreachable')
        unreachable.raise(targetId, error.message);
      throw error;
    }
  }

  return {
    async takeNew() {
      const inFlight = jobs.names();
      for (const id of targetOf.keys()) if (!inFlight.includes(id)) targetOf.delete(id);
      for (const request of await waitingRequests(gateway, inFlight)) {
        targetOf.set(request.id, request.target_id);
        jobs.begin(request.id, () => look(request));
      }
      unreachable.keep(new Set(targetOf.values()));
    },
  };
}

interface Reporter {
  /** Whether any target should be looked at. */
  isDue(): boolean;
  reportTargets(): void;
}

/** Every target whose last look is old or was at other terms. */
function createReporter(gateway: Gateway, jobs: Jobs): Reporter {
  const looked = new Map<string, { readonly terms: string; readonly atMs: number; readonly isWell: boolean }>();

  const isDue = (target: SignedUpstream): boolean => {
    const last = looked.get(target.id);
    if (last?.terms !== termsOf(target)) return true;
    return performance.now() - last.atMs >= REPORT_MS[last.isWell ? 'well' : 'unwell'];
  };

  const due = (): SignedUpstream[] => [...(gateway.head.state()?.targetsByName.values() ?? [])].filter(isDue);

  return {
    isDue: () => due().length > 0,
    reportTargets() {
      for (const target of due())
        jobs.begin(`report ${target.id}`, async () => {
          const isWell = await reportTarget(gateway, target);
          looked.set(target.id, { terms: termsOf(target), atMs: performance.now(), isWell });
        });
    },
  };
}

/** Another secret or another config is another provider to look at. */
const termsOf = ({ config, secretDigest }: SignedUpstream): string => `${secretDigest} ${digestOf(config)}`;
