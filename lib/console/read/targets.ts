import { z } from 'zod';
import { iso } from '#lib/core';
import { pairsOf, profileOf } from '#lib/profiles';
import {
  isUpstream,
  type PostgresConfig,
  restReadsOf,
  TargetConfig,
  type TokenConfig,
  type UpstreamConfig,
} from '#lib/targets';
import { formatDuration } from '#lib/text';
import type { TargetView, Viewer } from '#lib/views';
import { web } from '../web';
import { sealedToEarlierKey } from './gateway-keys';

/** Reads every target: the active ones first, then by name. */
export async function readTargets(_viewer: Viewer): Promise<TargetView[]> {
  const { db } = web();
  const [rows, earlier] = await Promise.all([
    db.target.findMany({ orderBy: [{ state: 'asc' }, { name: 'asc' }] }),
    sealedToEarlierKey(db),
  ]);
  return rows.map((row) => {
    const config = TargetConfig.parse(row.config);
    return {
      id: row.id,
      name: row.name,
      kind: config.kind,
      environment: row.environment,
      state: row.state as TargetView['state'],
      createdAt: iso(row.createdAt),
      typeAgain: isUpstream(config) && row.state === 'active' && earlier(row.id),
      ...aboutTarget(config, row.report),
    };
  });
}

type About = Pick<TargetView, 'facts' | 'verbs' | 'exampleResources' | 'restReads' | 'gatewayUrl' | 'schemaChanged'>;

function aboutTarget(config: TargetConfig, report: unknown): About {
  if (config.kind === 'postgres') return { ...NOT_BEHIND, ...aboutPostgres(config, report) };
  if (config.kind === 'token') return { ...NOT_BEHIND, ...aboutToken(config) };
  return aboutUpstream(config, report);
}

const NOT_BEHIND = { gatewayUrl: null, schemaChanged: false };
type Known = Omit<About, keyof typeof NOT_BEHIND>;
type Fact = TargetView['facts'][number];

const fact = (label: string, value: string): Fact => ({ label, value });

const POSTGRES_VERBS = ['select', 'insert', 'update', 'delete', 'truncate'];
const TLS = {
  disable: 'Off',
  require: 'On, without checking the certificate',
  'verify-full': 'On, certificate checked',
} as const;

function aboutPostgres(config: PostgresConfig, stored: unknown): Known {
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

function aboutToken(config: TokenConfig): Known {
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

const PLACES = { bearer: 'Authorization: Bearer', header: 'Header', query: 'Parameter in the address' } as const;

function aboutUpstream(config: UpstreamConfig, stored: unknown): About {
  const { title, version } = profileOf(config.profile);
  const report = Report.parse(stored);
  const { secretIn } = config;
  return {
    facts: [
      fact('Provider', `${title} (profile ${config.profile}, version ${version})`),
      fact('Address', config.url),
      fact(
        'Secret goes into',
        secretIn.place === 'bearer' ? PLACES.bearer : `${PLACES[secretIn.place]} ${secretIn.name}`,
      ),
      ...(config.kind === 'graphql' ? [fact('Classified by schema', config.schemaHash)] : []),
      ...(config.opens.length === 0 ? [] : [fact('Opened at rest', config.opens.join(', '))]),
      ...(config.closes.length === 0 ? [] : [fact('Closed at rest', config.closes.join(', '))]),
      fact('Longest body classified', `${Math.round(config.maxBodyBytes / 1024).toLocaleString('en')} KiB`),
      fact('Without the database', `Safe reads go on for ${formatDuration(config.outageSeconds)}, nothing else does`),
      ...(config.privateNetwork ? [fact('Network', 'May be inside your own network')] : []),
      ...(config.refuseUnknown ? [fact('Unknown', 'What nobody can look up cannot be approved')] : []),
      ...commonFacts(config),
      ...(report.version === undefined ? [] : [fact('Last seen', report.version)]),
      ...(report.trouble === undefined ? [] : [fact('Trouble', report.trouble)]),
    ],
    ...powers(config),
    restReads: restReadsOf(config),
    gatewayUrl: `${web().env.gatewayOrigin}/t/${config.name}`,
    schemaChanged: report.schemaChanged === true,
  };
}

const SHOWN = ['write', 'destructive', 'sensitive'];

/** Verbs and resources that a grant can name, writes first; the first verb fits the first resource. What runs only as an exact operation is left out. */
function powers(config: UpstreamConfig): Pick<About, 'verbs' | 'exampleResources'> {
  const all = pairsOf(profileOf(config.profile));
  const pairs = SHOWN.flatMap((level) => all.filter((pair) => pair.class === level));
  const verbs = [...new Set(pairs.map(({ verb }) => verb))];
  const resources = [...new Set(pairs.map(({ resource }) => resource))];
  if (pairs.length > 0) return { verbs, exampleResources: resources.slice(0, 6).map((kind) => `${kind}/ID`) };
  return config.kind === 'graphql'
    ? { verbs: ['read', 'run'], exampleResources: ['query/NAME', 'mutation/NAME'] }
    : { verbs: ['get', 'post', 'put', 'patch', 'delete'], exampleResources: ['path/v1/THING'] };
}

const commonFacts = (config: TargetConfig): Fact[] => [
  fact('Longest grant', formatDuration(config.maxTtlSeconds)),
  fact(
    'Own agents',
    config.soleOwnerMayApprove ? 'A sole owner may approve their own agent' : 'Somebody else always approves',
  ),
];

/** What the warden last saw at the target. It is only shown, so that an unknown shape counts as empty. */
const Report = z
  .object({
    version: z.string().optional().catch(undefined),
    tables: z.array(z.string()).optional().catch(undefined),
    trouble: z.string().optional().catch(undefined),
    schemaChanged: z.boolean().optional().catch(undefined),
  })
  .catch({});
