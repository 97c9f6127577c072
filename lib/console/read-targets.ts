import { z } from 'zod';
import { iso } from '#lib/core';
import { type PostgresConfig, TargetConfig, type TokenConfig } from '#lib/targets';
import { formatDuration } from '#lib/text';
import type { TargetView, Viewer } from '#lib/views';
import { web } from './web';

/** Every target, the active ones first, by name. */
export async function readTargets(_viewer: Viewer): Promise<TargetView[]> {
  const rows = await web().db.target.findMany({ orderBy: [{ state: 'asc' }, { name: 'asc' }] });
  return rows.map((row) => {
    const config = TargetConfig.parse(row.config);
    return {
      id: row.id,
      name: row.name,
      kind: config.kind,
      environment: row.environment,
      state: row.state as TargetView['state'],
      createdAt: iso(row.createdAt),
      ...(config.kind === 'postgres' ? aboutPostgres(config, row.report) : aboutToken(config)),
    };
  });
}

type About = Pick<TargetView, 'facts' | 'verbs' | 'exampleResources' | 'restReads'>;
type Fact = TargetView['facts'][number];

const fact = (label: string, value: string): Fact => ({ label, value });

const POSTGRES_VERBS = ['select', 'insert', 'update', 'delete', 'truncate'];
const TLS = {
  disable: 'Off',
  require: 'On, without checking the certificate',
  'verify-full': 'On, certificate checked',
} as const;

function aboutPostgres(config: PostgresConfig, stored: unknown): About {
  const report = Report.parse(stored);
  const tables = report.tables?.map((table) => (table.startsWith('table/') ? table : `table/${table}`)) ?? [];
  return {
    facts: [
      fact('Database', `${config.host}:${config.port}/${config.database}`),
      fact('TLS', TLS[config.tls]),
      fact('Schemas', config.schemas.join(', ')),
      fact('Preview', config.countRows ? 'Counts rows in a run that is rolled back' : 'Estimates rows from the plan'),
      ...commonFacts(config),
      ...(report.version === undefined ? [] : [fact('Version', report.version)]),
      ...(report.trouble === undefined ? [] : [fact('Trouble', report.trouble)]),
    ],
    verbs: POSTGRES_VERBS,
    exampleResources: [...tables.slice(0, 3), ...config.schemas.map((schema) => `schema/${schema}`)].slice(0, 4),
    restReads: config.restReads,
  };
}

function aboutToken(config: TokenConfig): About {
  return {
    facts: [
      fact('Audience', config.audience),
      fact('Resources', config.resources.join(', ')),
      fact(
        'Revoking',
        config.introspected ? 'At once: the service asks on every call' : 'At expiry: the service does not ask',
      ),
      ...commonFacts(config),
    ],
    verbs: config.verbs,
    exampleResources: config.resources.slice(0, 4).map((resource) => resource.replace(/\*$/, 'NAME')),
    restReads: [],
  };
}

const commonFacts = (config: TargetConfig): Fact[] => [
  fact('Longest grant', formatDuration(config.maxTtlSeconds)),
  fact(
    'Own agents',
    config.soleOwnerMayApprove ? 'A sole owner may approve their own agent' : 'Somebody else always approves',
  ),
];

/** What the warden last saw there. Only for showing, so a shape this page does not know says nothing. */
const Report = z
  .object({
    version: z.string().optional().catch(undefined),
    tables: z.array(z.string()).optional().catch(undefined),
    trouble: z.string().optional().catch(undefined),
  })
  .catch({});
