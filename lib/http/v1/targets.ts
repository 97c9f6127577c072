import { z } from 'zod';
import { jwkThumbprint } from '#lib/identity';
import { POSTGRES_VERBS, TargetConfig } from '#lib/targets';
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
  const reads = kind === 'postgres' ? config.restReads : [];
  return {
    name,
    kind,
    environment,
    maxTtlSeconds,
    verbs: kind === 'postgres' ? [...POSTGRES_VERBS] : config.verbs,
    exampleResources: examples(config, tables),
    exactOperations: kind === 'postgres',
    rest: restSeconds === null ? null : { url: links(api).rest(name), ttlSeconds: restSeconds, reads },
  };
}

function examples(config: TargetConfig, tables: readonly string[]): string[] {
  if (config.kind === 'token') return config.resources.slice(0, 5).map((text) => text.replace(/\*$/, 'NAME'));
  return [...tables.slice(0, 3), ...config.schemas.slice(0, 2).map((schema) => `schema/${schema}`)];
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
    keyThumbprint: await jwkThumbprint(agent.publicJwk),
    gateway: api.env.gatewayOrigin,
    limits: { filingsPerMinute, callsPerSecond, openRequests },
  };
  return { body };
}
