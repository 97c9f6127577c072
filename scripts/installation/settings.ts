import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where an installation lives and listens. Paths are absolute. */
export interface Settings {
  readonly dir: string;
  readonly webOrigin: string;
  readonly signOrigin: string;
  readonly gatewayOrigin: string;
  readonly ports: { readonly web: number; readonly sign: number; readonly gateway: number; readonly postgres: number };
  readonly listenHost: string;
  /** An existing PostgreSQL; null: the embedded one. */
  readonly external: { readonly web: string; readonly warden: string } | null;
  /** What both processes get as the operator set it. */
  readonly passed: Variables;
  readonly passedToWeb: Variables;
  readonly passedToWarden: Variables;
}

export type Variables = { readonly [name: string]: string | undefined };

/** Named one by one: nothing of the starter's environment reaches a process that has no use for it. */
const PASSED = ['PATH', 'HOME', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS', 'LOG_LEVEL', 'RP_ID', 'LISTEN_HOST', 'SystemRoot'];

const PASSED_TO_WEB = [
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_CLIENT_SECRET_FILE',
  'AGENT_FILINGS_PER_MINUTE',
  'AGENT_CALLS_PER_SECOND',
  'AGENT_OPEN_REQUESTS',
];

const PASSED_TO_WARDEN = ['FORWARD_AUTH_PROXIES'];

/** Reads the settings from the environment. Throws one sentence. */
export function readSettings(env: Variables): Settings {
  const webOrigin = origin(env, 'WEB_ORIGIN', 'http://localhost:3000');
  const signOrigin = origin(env, 'SIGN_ORIGIN', 'http://localhost:3100');
  const gatewayOrigin = origin(env, 'GATEWAY_ORIGIN', 'http://localhost:3200');
  return {
    dir: resolve(env['COUNTERSIGN_DIR'] ?? '.countersign'),
    webOrigin,
    signOrigin,
    gatewayOrigin,
    ports: {
      web: port(env, 'WEB_PORT', webOrigin),
      sign: port(env, 'SIGN_PORT', signOrigin),
      gateway: port(env, 'GATEWAY_PORT', gatewayOrigin),
      postgres: port(env, 'COUNTERSIGN_PG_PORT', 'http://localhost:3432'),
    },
    listenHost: env['LISTEN_HOST'] ?? (new URL(webOrigin).hostname === 'localhost' ? '127.0.0.1' : '0.0.0.0'),
    external: external(env),
    passed: pick(env, PASSED),
    passedToWeb: pick(env, PASSED_TO_WEB),
    passedToWarden: pick(env, PASSED_TO_WARDEN),
  };
}

const pick = (env: Variables, names: readonly string[]): Variables =>
  Object.fromEntries(names.map((name) => [name, env[name]]));

function external(env: Variables): Settings['external'] {
  const web = secret(env, 'DATABASE_URL');
  const warden = secret(env, 'WARDEN_DATABASE_URL');
  if (web === undefined && warden === undefined) return null;
  if (web !== undefined && warden !== undefined) return { web, warden };
  const missing = web === undefined ? 'DATABASE_URL' : 'WARDEN_DATABASE_URL';
  throw new Error(
    `Set ${missing} too: web and warden each log in with a role of their own (npm run db:setup prints both).`,
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
