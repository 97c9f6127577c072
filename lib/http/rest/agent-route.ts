import type { z } from 'zod';
import type { Db, Listener } from '#lib/db';
import { failureLimit, problemResponse, requestIdOf, type Waiter, waiter } from '#lib/http/wire';
import { authenticateAgent, type CallingAgent } from '#lib/identity';
import { readBody, readQuery } from './body';
import { AGENT_LIMITS, type AgentLimits, type Bucket, limiter } from './limits';
import { etagOf, namesVersion, preferredWait } from './preconditions';

/** What the agents' API runs on: one of each per process. */
export interface AgentApi {
  readonly db: Db;
  readonly listener: Listener;
  readonly env: {
    readonly webOrigin: string;
    readonly agentOrigin: string;
    readonly gatewayOrigin: string;
    readonly agentLimits?: Partial<AgentLimits> | undefined;
  };
}

/** What a handler gets: who calls, when by the database's clock, and what they sent, parsed. */
export interface AgentCall<Body = undefined, Query = undefined> {
  readonly api: AgentApi;
  readonly agent: CallingAgent;
  readonly now: Date;
  readonly body: Body;
  readonly query: Query;
  /** The `[id]` of the path; empty where the path has none. */
  readonly id: string;
  readonly headers: Headers;
  /** Seconds the caller would wait for a change; 0 where it did not say so. */
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
  readonly waiter: Waiter;
  readonly limits: AgentLimits;
}

export interface Answer {
  readonly body: unknown;
  /** Names the version of what is read: becomes the ETag. */
  readonly version?: string;
  /** 200 unless said. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Rules<B extends z.ZodType, Q extends z.ZodType> {
  readonly body?: B;
  readonly query?: Q;
  readonly bucket?: Bucket;
}

interface Context {
  /** Next.js gives `undefined` where a path has no parameters, whatever its types say. */
  readonly params: Promise<{ readonly id?: string } | undefined>;
}

type Handler = (request: Request, context: Context) => Promise<Response>;

type AgentRoute = <B extends z.ZodType = z.ZodUndefined, Q extends z.ZodType = z.ZodUndefined>(
  rules: Rules<B, Q>,
  handle: (call: AgentCall<z.output<B>, z.output<Q>>) => Promise<Answer>,
) => Handler;

/**
 * Next.js tells a route nothing of its connection but this, which it writes itself
 * where nobody else did. A stranger may write what they like: it decides only which
 * failures are turned away sooner.
 */
const remoteOf = ({ headers }: Request): string => headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';

/** The maker of agents' routes over one process's api, so that a handler is one sentence. */
export function agentRoutes(open: () => AgentApi): AgentRoute {
  const machinery = once(() => {
    const api = open();
    const limits = { ...AGENT_LIMITS, ...api.env.agentLimits };
    return { api, limits, limiter: limiter(limits), waiter: waiter(api.listener, limits.waits) };
  });
  const onFailure = failureLimit();
  return (rules, handle) => async (request, context) => {
    const requestId = requestIdOf(request.headers);
    const headers: Record<string, string> = {
      'x-request-id': requestId,
      'cache-control': 'no-store',
      vary: 'authorization',
    };
    try {
      const { api, limits, limiter, waiter } = machinery();
      const { agent, now } = await authenticateAgent(api.db, request.headers.get('authorization'));
      Object.assign(headers, await limiter.take(rules.bucket ?? 'calls', agent.id));
      const sent = await read(rules, request, context);
      return respond(request, await handle({ api, agent, now, limits, waiter, ...sent }), headers);
    } catch (error) {
      return problemResponse(await onFailure(remoteOf(request), error), requestId, headers);
    }
  };
}

async function read<B extends z.ZodType, Q extends z.ZodType>(rules: Rules<B, Q>, request: Request, context: Context) {
  return {
    id: (await context.params)?.id ?? '',
    headers: request.headers,
    signal: request.signal,
    waitSeconds: preferredWait(request.headers.get('prefer')),
    // No schema, no value: an endpoint that takes no body does not look at one.
    body: (rules.body === undefined ? undefined : await readBody(request, rules.body)) as z.output<B>,
    query: (rules.query === undefined ? undefined : readQuery(request.url, rules.query)) as z.output<Q>,
  };
}

function respond(request: Request, answer: Answer, base: Readonly<Record<string, string>>): Response {
  const { body, version, status = 200 } = answer;
  const headers = { ...base, ...answer.headers, ...(version === undefined ? {} : { etag: etagOf(version) }) };
  const known = request.headers.get('if-none-match');
  if (request.method === 'GET' && known !== null && version !== undefined && namesVersion(known, version)) {
    return new Response(null, { status: 304, headers });
  }
  return Response.json(body, { status, headers });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
