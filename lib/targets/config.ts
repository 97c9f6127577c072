import { z } from 'zod';
import { GRAPHQL_PROFILES, HTTP_PROFILES } from '#lib/profiles';

/** A target's name: lower-case letters, digits and dashes, so that no other name looks like it (T20). */
export const TargetName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, 'Use 2 to 40 lower-case letters, digits and dashes, starting with a letter.');

/** The name of an environment. For `production` a synced passkey approves nothing. */
export const Environment = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,31}$/, 'Use 2 to 32 lower-case letters, digits and dashes, starting with a letter.');

const Common = {
  name: TargetName,
  environment: Environment,
  /** An owner may approve their own agent's request while nobody else could approve it. */
  soleOwnerMayApprove: z.boolean(),
  /** The longest time that a grant may be asked for. */
  maxTtlSeconds: z.int().min(60).max(86_400),
};

/** An identifier in a resource: one that PostgreSQL reads without quotes, so that nothing is left to escape (T40). */
const SqlName = '[a-z_][a-z0-9_$]{0,62}';

/** `table/public.bookings` or `schema/public`. */
export const PostgresResource = z
  .string()
  .regex(
    new RegExp(`^(table/${SqlName}\\.${SqlName}|schema/${SqlName})$`),
    'Write table/SCHEMA.TABLE or schema/SCHEMA.',
  );

export const PostgresConfig = z.strictObject({
  ...Common,
  kind: z.literal('postgres'),
  host: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9.:_-]+$/),
  port: z.int().min(1).max(65_535),
  database: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[\x21-\x7E]+$/),
  user: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[\x21-\x7E]+$/),
  tls: z.enum(['disable', 'require', 'verify-full']),
  /** The schemas whose tables may be asked for. */
  schemas: z
    .array(z.string().regex(new RegExp(`^${SqlName}$`)))
    .min(1)
    .max(32),
  /** What a resting credential may SELECT. Empty: no resting access. */
  restReads: z.array(PostgresResource).max(64),
  /** Whether a preview may run the statement in a transaction it rolls back, to count rows. */
  countRows: z.boolean(),
});
export type PostgresConfig = z.infer<typeof PostgresConfig>;

/** `deploy/api` or `deploy/*`. */
export const TokenResource = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}\/(\*|[A-Za-z0-9._/-]{1,200})$/, 'Write TYPE/NAME, or TYPE/* in a target.');

export const TokenConfig = z.strictObject({
  ...Common,
  kind: z.literal('token'),
  /** `aud` of the token: an absolute URI of the service that reads it. */
  audience: z.url().max(200),
  /** The resources that may be asked for; `TYPE/*` covers every name of the type. */
  resources: z.array(TokenResource).min(1).max(64),
  verbs: z
    .array(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/))
    .min(1)
    .max(32),
  /** Those of `verbs` that destroy: for them the page asks for the resource's name. */
  destructiveVerbs: z.array(z.string()).max(32),
  /** The service asks the introspection endpoint on every call, so that revoking ends a token at once. */
  introspected: z.boolean(),
  /** SHA-256, base64url, of the service's introspection token (`cs_svc_…`). */
  serviceTokenHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type TokenConfig = z.infer<typeof TokenConfig>;

/** The address of the provider's API, without anything that could carry a secret or be read in two ways. */
const UpstreamUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine(plainUrl, 'Write https://HOST/PATH, without a user, a query or a fragment.');

function plainUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text) && url.href === text;
}

const FieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'Use letters, digits and dashes.');

/** A parameter may have `_` as in `api_key`; a header may not, since proxies read `_` as `-` there (T52). */
const ParameterName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'Use letters, digits, dashes and underscores.');

/** Where in a call the provider wants its secret. */
export const SecretPlace = z.discriminatedUnion('place', [
  z.strictObject({ place: z.literal('bearer') }),
  z.strictObject({ place: z.literal('header'), name: FieldName }),
  z.strictObject({ place: z.literal('query'), name: ParameterName }),
]);
export type SecretPlace = z.infer<typeof SecretPlace>;

const SEGMENT = "(?:[A-Za-z0-9._~!$&'()+,=:@-]+|\\{\\w+\\})";

/** A read by its name or by its path. Anything else is refused here, since an entry that matches no operation would close nothing, and nobody would notice. */
const READ = new RegExp(`^(?:query [_A-Za-z][_0-9A-Za-z]*|(?:GET|HEAD) /(?:${SEGMENT}/)*(?:${SEGMENT}|\\*\\*)?)$`);
const READ_HINT =
  'Write query NAME, or GET /path/{id}; ** may stand for the rest at its end. No query string, no escapes.';

/** The fields of a target behind the gateway. */
const Upstream = {
  ...Common,
  url: UpstreamUrl,
  secretIn: SecretPlace,
  /** Reads that the owner lets pass at rest beyond the profile's: `query NAME`, `GET /path/{id}`, `GET /path/**`. */
  opens: z.array(z.string().regex(READ, READ_HINT)).max(64),
  /** Operations that the profile calls safe and the owner stops at rest. */
  closes: z.array(z.string().regex(READ, READ_HINT)).max(64),
  /** The address may be a loopback, link-local or private one (T56). */
  privateNetwork: z.boolean(),
  /** The longest body that is read in order to classify a call. */
  maxBodyBytes: z.int().min(1_024).max(16_777_216),
  /** How long reads at rest go on while the database is gone. */
  outageSeconds: z.int().min(0).max(300),
  /** Denies an exact operation where one of its ids could not be looked up. */
  refuseUnknown: z.boolean(),
};

export const GraphqlConfig = z.strictObject({
  ...Upstream,
  kind: z.literal('graphql'),
  profile: z.enum(GRAPHQL_PROFILES),
  /** SHA-256, base64url, of the schema by which operations are classified. What the provider adds to it later is refused. */
  schemaHash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type GraphqlConfig = z.infer<typeof GraphqlConfig>;

export const HttpConfig = z.strictObject({ ...Upstream, kind: z.literal('http'), profile: z.enum(HTTP_PROFILES) });
export type HttpConfig = z.infer<typeof HttpConfig>;

/** A target behind the gateway. */
export type UpstreamConfig = GraphqlConfig | HttpConfig;

/** A target as its owner signs it: everything but the secret. */
export const TargetConfig = z.discriminatedUnion('kind', [PostgresConfig, TokenConfig, GraphqlConfig, HttpConfig]);
export type TargetConfig = z.infer<typeof TargetConfig>;

export const TARGET_KINDS = ['postgres', 'token', 'graphql', 'http'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

export const isUpstream = (config: TargetConfig): config is UpstreamConfig =>
  config.kind === 'graphql' || config.kind === 'http';

/** What an owner can allow an agent to read at rest, one line each, as the statement shows it; empty where the target has no resting access. */
export function restReadsOf(config: TargetConfig): readonly string[] {
  if (config.kind === 'postgres') return config.restReads;
  if (config.kind === 'token') return [];
  return [`safe operations of ${config.profile}`, ...config.opens, ...config.closes.map((name) => `not ${name}`)];
}
