import { tokenKeyOf } from '#lib/tokens';
import type { Warden } from '../context';
import { collect, rest } from './collect';
import { checkReady } from './health';
import { introspect } from './introspect';
import { readGrant } from './read-grant';
import { renewToken } from './renew';
import type { AgentApi, Call } from './request';
import { revokeToken } from './revoke';

type Handler = (api: AgentApi, call: Call, name: string) => Promise<unknown>;

interface Route {
  readonly method: 'GET' | 'POST';
  /** The whole path; what it captures is the handler's `name`. No decoding: an encoded spelling is another path (T50). */
  readonly path: RegExp;
  readonly handle: Handler;
}

/** The agents' API at the warden. Each has its entry in the OpenAPI document, which the build generates. */
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/v1\/grants\/(grn_[0-9a-z]{20})\/credential$/, handle: collect },
  { method: 'GET', path: /^\/v1\/grants\/(grn_[0-9a-z]{20})$/, handle: readGrant },
  { method: 'POST', path: /^\/v1\/targets\/([a-z][a-z0-9-]{1,39})\/rest$/, handle: rest },
  { method: 'POST', path: /^\/v1\/me\/token$/, handle: renewToken },
  { method: 'POST', path: /^\/v1\/introspect$/, handle: introspect },
  { method: 'POST', path: /^\/v1\/revoke$/, handle: revokeToken },
  { method: 'GET', path: /^\/\.well-known\/jwks\.json$/, handle: keys },
  { method: 'GET', path: /^\/openapi\.json$/, handle: async ({ document }) => document },
  { method: 'GET', path: /^\/livez$/, handle: async () => ({ live: true }) },
  { method: 'GET', path: /^\/readyz$/, handle: ready },
];

export function findRoute(call: Pick<Call, 'method' | 'path'>): { handle: Handler; name: string } | null {
  for (const { method, path, handle } of ROUTES) {
    const match = path.exec(call.path);
    if (match !== null && method === call.method) return { handle, name: match[1] ?? '' };
  }
  return null;
}

async function keys(warden: Warden): Promise<unknown> {
  return { keys: [tokenKeyOf(warden.vault.publicKey).jwk] };
}

async function ready(warden: Warden): Promise<unknown> {
  await checkReady(warden);
  return { ready: true };
}
