import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { startedByRoot } from '#scripts/machine';

/** Where an installation lives and listens. Paths are absolute. */
export interface Settings {
  readonly dir: string;
  readonly webOrigin: string;
  readonly signOrigin: string;
  /** The warden's door for agents. */
  readonly agentOrigin: string;
  readonly gatewayOrigin: string;
  readonly ports: Readonly<Record<'web' | 'sign' | 'agents' | 'gateway' | 'postgres', number>>;
  readonly listenHost: string;
  /** An existing PostgreSQL; null: the embedded one. */
  readonly external: ProcessUrls | null;
  /** What all processes get as the operator set it. */
  readonly passed: Variables;
  readonly passedToWeb: Variables;
  readonly passedToWarden: Variables;
  readonly passedToGateway: Variables;
}

/** One URL a process, each with a role of its own. */
export type ProcessUrls = Readonly<Record<'web' | 'warden' | 'gateway', string>>;

export type Variables = { readonly [name: string]: string | undefined };

/** Named one by one: nothing of the starter's environment reaches a process that has no use for it. */
const PASSED = ['PATH', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL', 'RP_ID', 'LISTEN_HOST', 'SystemRoot'];

const PASSED_TO_WEB = [
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'AGENT_FILINGS_PER_MINUTE',
  'AGENT_CALLS_PER_SECOND',
  'AGENT_OPEN_REQUESTS',
];

const PASSED_TO_WARDEN = ['MAKER_ROOTS_DIR', 'FIDO_METADATA_FILE'];

const PASSED_TO_GATEWAY = ['FORWARD_AUTH_PROXIES'];

/** Outside every home: other users can pass into it. */
const ROOTS_DIR = '/var/lib/countersign';

/** Reads the settings from the environment. Throws one sentence. */
export function readSettings(env: Variables, asRoot = startedByRoot()): Settings {
  const webOrigin = origin(env, 'WEB_ORIGIN', 'http://localhost:3000');
  const signOrigin = origin(env, 'SIGN_ORIGIN', 'http://localhost:3100');
  const agentOrigin = origin(env, 'AGENT_ORIGIN', 'http://localhost:3300');
  const gatewayOrigin = origin(env, 'GATEWAY_ORIGIN', 'http://localhost:3200');
  return {
    dir: resolve(env['COUNTERSIGN_DIR'] ?? (asRoot ? ROOTS_DIR : '.countersign')),
    webOrigin,
    signOrigin,
    agentOrigin,
    gatewayOrigin,
    ports: {
      web: port(env, 'WEB_PORT', webOrigin),
      sign: port(env, 'SIGN_PORT', signOrigin),
      agents: port(env, 'AGENT_PORT', agentOrigin),
      gateway: port(env, 'GATEWAY_PORT', gatewayOrigin),
      postgres: port(env, 'COUNTERSIGN_PG_PORT', 'http://localhost:3432'),
    },
    listenHost: env['LISTEN_HOST'] ?? (new URL(webOrigin).hostname === 'localhost' ? '127.0.0.1' : '0.0.0.0'),
    external: external(env),
    passed: pick(env, PASSED),
    // Read here, since the file may be closed to web's user.
    passedToWeb: { ...pick(env, PASSED_TO_WEB), OIDC_CLIENT_SECRET: secret(env, 'OIDC_CLIENT_SECRET') },
    passedToWarden: pick(env, PASSED_TO_WARDEN),
    passedToGateway: pick(env, PASSED_TO_GATEWAY),
  };
}

const pick = (env: Variables, names: readonly string[]): Variables =>
  Object.fromEntries(names.map((name) => [name, env[name]]));

const URL_NAMES = ['DATABASE_URL', 'WARDEN_DATABASE_URL', 'GATEWAY_DATABASE_URL'] as const;

function external(env: Variables): Settings['external'] {
  const [web, warden, gateway] = URL_NAMES.map((name) => secret(env, name));
  if (web === undefined && warden === undefined && gateway === undefined) return null;
  if (web !== undefined && warden !== undefined && gateway !== undefined) return { web, warden, gateway };
  const missing = URL_NAMES.filter((name) => secret(env, name) === undefined);
  throw new Error(
    `Set ${missing.join(' and ')} too: web, warden and gateway each log in with a role of their own (npm run db:setup prints all three).`,
  );
}

function secret(env: Variables, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  return file === undefined ? env[name] : readFileSync(file, 'utf8').trim();
}

function origin(env: Variables, name: string, fallback: string): string {
  const text = env[name] ?? fallback;
  if (!URL.canParse(text) || new URL(text).origin !== text)
    throw new Error(`Set ${name} to an origin, like https://countersign.example: ${text} is none.`);
  return text;
}

function port(env: Variables, name: string, from: string): number {
  const url = new URL(from);
  const text = env[name] ?? (url.port || (url.protocol === 'https:' ? '443' : '80'));
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new Error(`Set ${name} to a port between 1 and 65535: ${text} is none.`);
  return number;
}
