import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { checksummedToken, newId, parseStrictJson, refuse, sha256Base64url } from '#lib/core';
import { NewAgentFields } from '#lib/identity';
import { isUpstream, TargetConfig } from '#lib/targets';
import { type Trying, tryProvider } from '#warden/preview';
import type { Inspection } from '#warden/targets';
import type { Warden } from '../../context';
import { parseBody } from '../server/body';
import { newAgent } from '../signing/agents';
import { envelope, type Offer, offer } from '../signing/draft';
import { allowed } from '../signing/propose';
import { type Look, openTicket, refuseNoOwner, strongestKey } from '../signing/ticket';
import { parseConnection } from './connection';

const Common = {
  name: z.string(),
  environment: z.string(),
  soleOwnerMayApprove: z.boolean(),
  maxTtlSeconds: z.int(),
};

const Upstream = {
  ...Common,
  profile: z.string(),
  url: z.string().max(500),
  secretIn: z.strictObject({ place: z.string(), name: z.string().optional() }),
  secret: z.string().max(4_000),
  opens: z.array(z.string()),
  closes: z.array(z.string()),
  privateNetwork: z.boolean(),
  maxBodyBytes: z.int(),
  outageSeconds: z.int(),
  refuseUnknown: z.boolean(),
};

/** What an owner types about a new target. The sample's facts are known here and never travel. */
export const TypedTarget = z.discriminatedUnion('kind', [
  z.strictObject({
    ...Common,
    kind: z.literal('postgres'),
    connection: z.string().max(2000),
    password: z.string().max(1000),
    schemas: z.array(z.string()),
    restReads: z.array(z.string()),
    countRows: z.boolean(),
  }),
  z.strictObject({
    ...Common,
    kind: z.literal('token'),
    audience: z.string(),
    resources: z.array(z.string()),
    verbs: z.array(z.string()),
    destructiveVerbs: z.array(z.string()),
    introspected: z.boolean(),
  }),
  z.strictObject({ ...Upstream, kind: z.literal('graphql') }),
  z.strictObject({ ...Upstream, kind: z.literal('http') }),
  z.strictObject({ kind: z.literal('sample'), soleOwnerMayApprove: z.boolean() }),
]);
export type TypedTarget = z.infer<typeof TypedTarget>;

/** The public part, and the secret that goes with it: a broker's password, or a service's introspection token. */
export interface Parsed {
  readonly config: TargetConfig;
  readonly secret: string;
}

/** Looks at the target with what was typed. Stores nothing but, for a provider, its schema by its hash. */
export async function inspectTarget(warden: Warden, input: { readonly ticket: string; readonly target: TypedTarget }) {
  await adding(warden, input.ticket);
  const parsed = parseTarget(warden, input.target);
  const { inspection } = await lookAt(warden, newId('tgt'), parsed);
  return { config: parsed.config, report: inspection };
}

/** The statement that adds the target. Its secret is sealed now, and the signature covers the ciphertext. */
export async function draftTarget(
  warden: Warden,
  input: { readonly ticket: string; readonly target: TypedTarget; readonly agent: string | null },
): Promise<Offer> {
  const look = await adding(warden, input.ticket);
  const targetId = newId('tgt');
  const parsed = parseTarget(warden, input.target);
  const { config, sealed, report, inspection } = await lookAt(warden, targetId, parsed);
  refuseDangers(inspection);
  const first = input.agent === null ? null : await newAgent(look, firstAgent(input.agent));
  const head = await envelope(look, strongestKey(look));
  const statement = {
    ...head,
    kind: 'target.add' as const,
    targetId,
    target: config,
    secretDigest: sha256Base64url(sealed),
    report,
    agent: first?.agent ?? null,
  };
  const secrets = {
    ...(config.kind === 'token' ? { serviceToken: parsed.secret } : {}),
    ...(first === null ? {} : first.secrets),
  };
  return offer(look, {
    statement: allowed(look, statement),
    sealed,
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  });
}

/** With nothing typed but its name; the rest is as the form for agents begins. */
const firstAgent = (name: string): NewAgentFields => parseBody(NewAgentFields, { name });

/** A target as it was just seen, with its secret sealed to whoever will open it. */
interface LookedAt {
  readonly config: TargetConfig;
  readonly sealed: string;
  readonly inspection: Inspection;
  /** Of the gateway's signed report; null where the warden looked itself. */
  readonly report: string | null;
}

async function lookAt(warden: Warden, targetId: string, { config, secret }: Parsed): Promise<LookedAt> {
  if (isUpstream(config)) return lookAtProvider(warden, { targetId, config, secret: { typed: secret }, signed: false });
  const inspection = await warden.targets.open(config, config.kind === 'token' ? '' : secret).inspect();
  return { config, inspection, sealed: warden.vault.seal(targetId, secret), report: null };
}

/** Safe to hold, as the gateway saw it; for GraphQL with the schema it will be classified by. */
export async function lookAtProvider(warden: Warden, trying: Trying): Promise<LookedAt & { readonly report: string }> {
  const { ciphertext, report, reportDigest } = await tryProvider(warden, trying);
  const { config } = trying;
  const { version, answered, dangers, warnings, schemaHash } = report;
  return {
    config: config.kind === 'graphql' && schemaHash !== null ? { ...config, schemaHash } : config,
    sealed: ciphertext,
    report: reportDigest,
    inspection: {
      version,
      dangers,
      warnings,
      tables: [],
      script: null,
      ...(answered === null ? {} : { answered }),
    },
  };
}

export function refuseDangers({ dangers }: Pick<Inspection, 'dangers'>): void {
  if (dangers.length > 0)
    refuse('target_refused', `This target is not safe to hold: ${dangers.map(({ text }) => text).join(' ')}`);
}

async function adding(warden: Warden, ticket: string): Promise<Look> {
  const { ask, ...look } = await openTicket(warden, ticket);
  if (ask.kind !== 'target.add') return refuse('gone', 'This link is for something else. Go back to the console.');
  refuseNoOwner(look);
  return look;
}

function parseTarget(warden: Warden, typed: TypedTarget): Parsed {
  if (typed.kind === 'sample') return sample(warden, typed.soleOwnerMayApprove);
  if (typed.kind === 'token') {
    const secret = checksummedToken('svc');
    return { secret, config: parseBody(TargetConfig, { ...typed, serviceTokenHash: sha256Base64url(secret) }) };
  }
  if (typed.kind === 'graphql' || typed.kind === 'http') return upstream(typed);
  const { connection, password, ...rest } = typed;
  const { password: inside, ...where } = parseConnection(connection);
  const secret = password === '' ? inside : password;
  if (secret === '')
    return refuse('invalid_request', 'Type the password of the broker role.', {
      errors: [{ pointer: '/target/password', detail: 'Type it here.' }],
    });
  return { secret, config: parseBody(TargetConfig, { ...rest, ...where }) };
}

/** Until it was looked at, no schema is anybody's. */
const NO_SCHEMA = sha256Base64url('');

function upstream({ secret, ...typed }: Extract<TypedTarget, { kind: 'graphql' | 'http' }>): Parsed {
  if (secret === '')
    return refuse('invalid_request', 'Type the provider’s secret.', {
      errors: [{ pointer: '/target/secret', detail: 'Type it here.' }],
    });
  const { name, place } = typed.secretIn;
  const secretIn = place === 'bearer' ? { place } : { place, name: name ?? '' };
  const schema = typed.kind === 'graphql' ? { schemaHash: NO_SCHEMA } : {};
  return { secret, config: parseBody(TargetConfig, { ...typed, url: spelled(typed.url), secretIn, ...schema }) };
}

/** `https://api.example` and `https://api.example/` are one address. */
const spelled = (text: string): string => (URL.canParse(text.trim()) ? new URL(text.trim()).href : text);

const SampleFile = z.object({
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
});

/** The booking company of the embedded server: everything is known but the owner's yes. */
function sample({ sampleFile }: Warden, soleOwnerMayApprove: boolean): Parsed {
  if (sampleFile === null) return refuse('not_found', 'There is no sample database here.');
  const { password: secret, ...where } = SampleFile.parse(parseStrictJson(readFileSync(sampleFile, 'utf8')));
  const config = TargetConfig.parse({
    kind: 'postgres',
    name: 'sample-bookings',
    environment: 'sample',
    ...where,
    tls: 'disable',
    schemas: ['public'],
    restReads: ['table/public.bookings', 'table/public.rooms'],
    countRows: true,
    soleOwnerMayApprove,
    maxTtlSeconds: 3_600,
  });
  return { config, secret };
}
