import { z } from 'zod';
import { iso } from '#lib/core';
import { type Pair, pairsOf, profileOf, UNNAMED } from '#lib/profiles';
import { isUpstream, POSTGRES_VERBS, restReadsOf, TargetConfig, type UpstreamConfig } from '#lib/targets';
import { jwkThumbprint } from '#lib/tokens';
import type { AgentApi, AgentCall, Answer } from '../agent-route';
import { links } from './links';
import type { AgentResource, TargetResource } from './resources';

/** GET /targets: what may be asked for, and what may be read at rest. */
export async function listTargets({ api, agent }: AgentCall): Promise<Answer> {
  const [targets, rests] = await Promise.all([
    api.db.target.findMany({ where: { state: 'active' }, orderBy: { name: 'asc' } }),
    api.db.restAllowance.findMany({ where: { agentId: agent.id } }),
  ]);
  const restSeconds = new Map(rests.map((rest) => [rest.targetId, rest.ttlSeconds]));
  const items = targets.map((target) =>
    resource(api, TargetConfig.parse(target.config), tablesIn(target.report), restSeconds.get(target.id) ?? null),
  );
  return { body: { items } };
}

function resource(
  api: AgentApi,
  config: TargetConfig,
  tables: readonly string[],
  restSeconds: number | null,
): TargetResource {
  const { name, kind, environment, maxTtlSeconds } = config;
  return {
    name,
    kind,
    environment,
    maxTtlSeconds,
    ...powersOf(config, tables),
    exactOperations: kind !== 'token',
    ...(isUpstream(config) ? { gatewayUrl: links(api).gateway(name) } : {}),
    rest: restSeconds === null ? null : restOf(api, config, restSeconds),
  };
}

/** What may be asked for there, in the target's own words. */
function powersOf(
  config: TargetConfig,
  tables: readonly string[],
): Pick<TargetResource, 'verbs' | 'exampleResources' | 'pairs'> {
  switch (config.kind) {
    case 'postgres': {
      const schemas = config.schemas.slice(0, 2).map((schema) => `schema/${schema}`);
      return { verbs: [...POSTGRES_VERBS], exampleResources: [...tables.slice(0, 3), ...schemas] };
    }
    case 'token': {
      const exampleResources = config.resources.slice(0, 5).map((text) => text.replace(/\*$/, 'NAME'));
      return { verbs: config.verbs, exampleResources };
    }
    default:
      return powersBehindGateway(config);
  }
}

function powersBehindGateway(config: UpstreamConfig): Pick<TargetResource, 'verbs' | 'exampleResources' | 'pairs'> {
  const pairs = [...pairsOf(profileOf(config.profile)), ...unnamedPairs(config.kind)];
  const kinds = [...new Set(pairs.filter((pair) => pair.class === 'write').map(({ resource }) => resource))];
  return {
    pairs,
    verbs: [...new Set(pairs.map(({ verb }) => verb))].sort(),
    exampleResources: kinds.slice(0, 3).flatMap((kind) => [`${kind}/ID`, `${kind}/*`]),
  };
}

/** What no profile names is asked for by its own name, and counts as a write or worse (P7). */
function unnamedPairs(kind: UpstreamConfig['kind']): Pair[] {
  if (kind === 'graphql') return [UNNAMED.query, UNNAMED.mutation].map((pair) => ({ ...pair, class: 'write' }));
  return ['get', 'post', 'put', 'patch', 'delete'].map((verb) => ({
    ...UNNAMED.path,
    verb,
    class: verb === 'delete' ? 'destructive' : 'write',
  }));
}

/** A database has a credential to collect; behind the gateway the ask token itself reads. */
function restOf(api: AgentApi, config: TargetConfig, ttlSeconds: number): NonNullable<TargetResource['rest']> {
  const collect = !isUpstream(config);
  const url = collect ? links(api).rest(config.name) : links(api).gateway(config.name);
  return { url, collect, ttlSeconds, reads: [...restReadsOf(config)] };
}

/** The tables the warden saw there when it last looked. Only examples, so another shape says nothing. */
function tablesIn(report: unknown): string[] {
  const tables = Report.safeParse(report).data?.tables ?? [];
  return tables.map((table) => (table.startsWith('table/') ? table : `table/${table}`));
}

const Report = z.object({ tables: z.array(z.string()) });

/** GET /me: which agent a token belongs to, and what it may do in a minute. */
export async function readSelf({ api, agent, limits }: AgentCall): Promise<Answer> {
  const { id, name, description } = agent;
  const { filingsPerMinute, callsPerSecond, openRequests } = limits;
  const body: AgentResource = {
    id,
    name,
    description,
    keyThumbprint: jwkThumbprint(agent.publicJwk),
    expiresAt: iso(agent.expiresAt),
    gateway: api.env.gatewayOrigin,
    limits: { filingsPerMinute, callsPerSecond, openRequests },
  };
  return { body };
}
