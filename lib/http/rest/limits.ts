import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '#lib/core';
import { MAX_OPEN_REQUESTS } from '#lib/filing';

/** What one agent may do in one process. Bench and tests raise it. */
export interface AgentLimits {
  readonly filingsPerMinute: number;
  readonly callsPerSecond: number;
  /** Open `Prefer: wait` calls at a time. */
  readonly waits: number;
  readonly openRequests: number;
}

export const AGENT_LIMITS: AgentLimits = {
  filingsPerMinute: 60,
  callsPerSecond: 10,
  waits: 20,
  openRequests: MAX_OPEN_REQUESTS,
};

/** `filings`: POST /requests. `calls`: everything else. */
export type Bucket = 'filings' | 'calls';

export interface Limiter {
  /** Takes one from the agent's bucket and returns the headers that say what is left. Throws `rate_limited`. */
  take(bucket: Bucket, agentId: string): Promise<Record<string, string>>;
}

/** Counts by agent id, so no spelling of a token or a name opens a second bucket (T65). */
export function limiter({ filingsPerMinute, callsPerSecond }: AgentLimits): Limiter {
  const buckets = {
    filings: new RateLimiterMemory({ keyPrefix: 'filings', points: filingsPerMinute, duration: 60 }),
    calls: new RateLimiterMemory({ keyPrefix: 'calls', points: callsPerSecond, duration: 1 }),
  };
  return {
    async take(bucket, agentId) {
      const { points, duration } = buckets[bucket];
      const left = await buckets[bucket].consume(agentId).catch(tooMany);
      const policy = `"${bucket}";q=${points};w=${duration}`;
      return { 'ratelimit-policy': policy, ratelimit: `"${bucket}";r=${left.remainingPoints};t=${seconds(left)}` };
    },
  };
}

const seconds = (left: RateLimiterRes): number => Math.ceil(left.msBeforeNext / 1000);

function tooMany(reason: unknown): never {
  if (!(reason instanceof RateLimiterRes)) throw reason;
  throw new DomainError('rate_limited', 'Too many calls. Wait and try again.', { retryAfterSeconds: seconds(reason) });
}
