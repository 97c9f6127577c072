import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/*
 * The only file that reads process.env. Each process reads and parses its
 * variables once, at its start; each fault is one sentence that says what to set.
 */

const Origin = z
  .url()
  .refine((text) => new URL(text).origin === text, 'must be an origin, like https://countersign.example');

const Port = z.coerce.number().int().min(1).max(65_535);

const Shared = {
  WEB_ORIGIN: Origin.default('http://localhost:3000'),
  SIGN_ORIGIN: Origin.default('http://localhost:3100'),
  AGENT_ORIGIN: Origin.default('http://localhost:3300'),
  GATEWAY_ORIGIN: Origin.default('http://localhost:3200'),
  RP_ID: z.string().min(1).default('localhost'),
};

const Limit = z.coerce.number().int().min(1).max(1_000_000).optional();

const WebVariables = z.object({
  ...Shared,
  AGENT_FILINGS_PER_MINUTE: Limit,
  AGENT_CALLS_PER_SECOND: Limit,
  /** 0: no limit. */
  AGENT_OPEN_REQUESTS: z.coerce.number().int().min(0).max(1_000_000).optional(),
  SECURITY_CONTACT: z.url().optional(),
  DATABASE_URL: z.string().min(1),
  SESSION_SECRET: z.string().min(32, 'must be at least 32 characters'),
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
});

/** Addresses and ranges, separated by commas or spaces. */
const AddressList = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((one) => one !== ''))
  .refine((list) => list.every(isAddress), 'must be IP addresses or ranges, like 10.0.0.5 or 10.0.0.0/8');

function isAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

const WardenVariables = z.object({
  ...Shared,
  WARDEN_DATABASE_URL: z.string().min(1),
  WARDEN_DIR: z.string().min(1).default('.countersign/warden'),
  PUBLIC_DIR: z.string().min(1).default('.countersign/public'),
  SAMPLE_FILE: z.string().min(1).optional(),
  MAKER_ROOTS_DIR: z.string().min(1).default('.countersign/makers/roots'),
  FIDO_METADATA_FILE: z.string().min(1).default('.countersign/makers/fido-metadata.jwt'),
  SIGN_PORT: Port.optional(),
  AGENT_PORT: Port.optional(),
  LISTEN_HOST: z.string().min(1).optional(),
});

const GatewayVariables = z.object({
  ...Shared,
  GATEWAY_DATABASE_URL: z.string().min(1),
  GATEWAY_DIR: z.string().min(1).default('.countersign/gateway'),
  GATEWAY_INSTANCE_DIR: z.string().min(1).optional(),
  PUBLIC_DIR: z.string().min(1).default('.countersign/public'),
  GATEWAY_PORT: Port.optional(),
  FORWARD_AUTH_PROXIES: AddressList.default([]),
  LISTEN_HOST: z.string().min(1).optional(),
});

/** What every process knows: where people and agents find the others, and the domain of the keys. */
interface Origins {
  readonly webOrigin: string;
  readonly signOrigin: string;
  /** The warden's door for agents: collecting, introspection, keys. `iss` of every token. */
  readonly agentOrigin: string;
  readonly gatewayOrigin: string;
  readonly rpId: string;
}

export interface WebEnv extends Origins {
  readonly databaseUrl: string;
  readonly sessionSecret: string;
  readonly oidc: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string } | null;
  /** `mailto:` or `https:` address for /.well-known/security.txt. */
  readonly securityContact?: string;
  /** Limits for one agent. Those left out are the defaults of `lib/http`. */
  readonly agentLimits?: {
    readonly filingsPerMinute?: number;
    readonly callsPerSecond?: number;
    readonly openRequests?: number;
  };
}

/** The web process's settings. Throws one sentence for each fault. */
export function webEnv(): WebEnv {
  const env = parse(WebVariables, withFiles(process.env, ['DATABASE_URL', 'SESSION_SECRET', 'OIDC_CLIENT_SECRET']));
  // next-auth takes its own address from this variable; without it, it would trust proxies' headers (T19).
  process.env['NEXTAUTH_URL'] = env.WEB_ORIGIN;
  return {
    ...originsOf(env),
    databaseUrl: env.DATABASE_URL,
    sessionSecret: env.SESSION_SECRET,
    oidc: oidcOf(env),
    agentLimits: agentLimitsOf(env),
    ...(env.SECURITY_CONTACT === undefined ? {} : { securityContact: env.SECURITY_CONTACT }),
  };
}

export interface WardenEnv extends Origins {
  readonly databaseUrl: string;
  /** Absolute path of the folder that holds the pin and the keys. */
  readonly wardenDir: string;
  /** Absolute path of the folder with every process's public key. */
  readonly publicDir: string;
  /** Absolute path of the file with the sample database's connection; null when there is none. */
  readonly sampleFile: string | null;
  /** Absolute path of the folder with certificates (PEM) of makers of keys, beside those that are built in. */
  readonly makerRootsDir: string;
  /** Absolute path of FIDO's metadata, where there is one. */
  readonly fidoMetadataFile: string;
  /** SIGN_PORT and AGENT_PORT, for a warden behind a proxy; else the ports of the origins. */
  readonly signPort: number;
  readonly agentPort: number;
  /** LISTEN_HOST; else 127.0.0.1 for an origin on localhost and every address for others. */
  readonly listenHost: string;
}

/** The warden's settings. Throws one sentence for each fault. */
export function wardenEnv(): WardenEnv {
  const env = parse(WardenVariables, withFiles(process.env, ['WARDEN_DATABASE_URL']));
  return {
    ...originsOf(env),
    databaseUrl: env.WARDEN_DATABASE_URL,
    wardenDir: resolve(env.WARDEN_DIR),
    publicDir: resolve(env.PUBLIC_DIR),
    sampleFile: env.SAMPLE_FILE === undefined ? null : resolve(env.SAMPLE_FILE),
    makerRootsDir: resolve(env.MAKER_ROOTS_DIR),
    fidoMetadataFile: resolve(env.FIDO_METADATA_FILE),
    signPort: env.SIGN_PORT ?? portOf(env.SIGN_ORIGIN),
    agentPort: env.AGENT_PORT ?? portOf(env.AGENT_ORIGIN),
    listenHost: env.LISTEN_HOST ?? hostFor(env.SIGN_ORIGIN),
  };
}

export interface GatewayEnv extends Origins {
  readonly databaseUrl: string;
  /** Absolute path of the folder with the gateway's key and the nonce secret, the same for every copy. */
  readonly gatewayDir: string;
  /** Absolute path of this copy's own folder: its key, its certificate, its journal. */
  readonly instanceDir: string;
  /** Absolute path of the folder with every process's public key. */
  readonly publicDir: string;
  /** GATEWAY_PORT, for a gateway behind a proxy; else the port of its origin. */
  readonly gatewayPort: number;
  /** LISTEN_HOST; else 127.0.0.1 for an origin on localhost and every address for others. */
  readonly listenHost: string;
  /** Proxies whose headers may describe a call at /v1/authorize; empty: no proxy's (T53). */
  readonly forwardAuthProxies: readonly string[];
}

/** The gateway's settings. Throws one sentence for each fault. */
export function gatewayEnv(): GatewayEnv {
  const env = parse(GatewayVariables, withFiles(process.env, ['GATEWAY_DATABASE_URL']));
  return {
    ...originsOf(env),
    databaseUrl: env.GATEWAY_DATABASE_URL,
    gatewayDir: resolve(env.GATEWAY_DIR),
    instanceDir: resolve(env.GATEWAY_INSTANCE_DIR ?? join(env.GATEWAY_DIR, 'instance')),
    publicDir: resolve(env.PUBLIC_DIR),
    gatewayPort: env.GATEWAY_PORT ?? portOf(env.GATEWAY_ORIGIN),
    listenHost: env.LISTEN_HOST ?? hostFor(env.GATEWAY_ORIGIN),
    forwardAuthProxies: env.FORWARD_AUTH_PROXIES,
  };
}

interface SharedVariables {
  readonly WEB_ORIGIN: string;
  readonly SIGN_ORIGIN: string;
  readonly AGENT_ORIGIN: string;
  readonly GATEWAY_ORIGIN: string;
  readonly RP_ID: string;
}

const originsOf = (env: SharedVariables): Origins => ({
  webOrigin: env.WEB_ORIGIN,
  signOrigin: env.SIGN_ORIGIN,
  agentOrigin: env.AGENT_ORIGIN,
  gatewayOrigin: env.GATEWAY_ORIGIN,
  rpId: env.RP_ID,
});

const hostFor = (origin: string): string => (new URL(origin).hostname === 'localhost' ? '127.0.0.1' : '0.0.0.0');

/** The origin's port, or its scheme's default. */
function portOf(origin: string): number {
  const { port, protocol } = new URL(origin);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function agentLimitsOf(env: z.infer<typeof WebVariables>): NonNullable<WebEnv['agentLimits']> {
  const {
    AGENT_FILINGS_PER_MINUTE: filingsPerMinute,
    AGENT_CALLS_PER_SECOND: callsPerSecond,
    AGENT_OPEN_REQUESTS: openRequests,
  } = env;
  return {
    ...(filingsPerMinute === undefined ? {} : { filingsPerMinute }),
    ...(callsPerSecond === undefined ? {} : { callsPerSecond }),
    ...(openRequests === undefined ? {} : { openRequests }),
  };
}

function oidcOf(env: z.infer<typeof WebVariables>): WebEnv['oidc'] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return null;
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined)
    return { issuer, clientId, clientSecret };
  throw new Error('Set OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET together, or none of them.');
}

type Variables = { readonly [name: string]: string | undefined };

/** Reads NAME from the file that `NAME_FILE` names, so that a secret need not stand in the environment. */
function withFiles(variables: Variables, names: readonly string[]): Variables {
  const read = names.flatMap((name) => {
    const path = variables[`${name}_FILE`];
    return path === undefined ? [] : [[name, readFileSync(path, 'utf8').trim()]];
  });
  return { ...variables, ...Object.fromEntries(read) };
}

function parse<T>(schema: z.ZodType<T>, variables: Variables): T {
  const result = schema.safeParse(variables);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map((issue) => `Set ${issue.path.join('.')}: ${issue.message}.`).join('\n'));
}

/** Where web is reached, for what runs before its settings are read as a whole. */
export const webOrigin = (): string => process.env['WEB_ORIGIN'] ?? 'http://localhost:3000';

/** Whether this is `next dev`, where React needs `eval` and the CSP allows it. */
export const inDevelopment = (): boolean => process.env.NODE_ENV === 'development';
