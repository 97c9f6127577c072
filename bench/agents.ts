import type { World } from './world';

/* Agents over HTTP: they file at web, and collect where credentials are handed out. */

export interface Filed {
  readonly id: string;
}

export interface Agent {
  readonly id: string;
  readonly token: string;
  file(ask: object): Promise<Filed>;
  /** Filed, and previewed: what a person could sign now. Returns its id. */
  pending(ask: object): Promise<string>;
  /** Its undecided requests. */
  waiting(): Promise<string[]>;
  /** The grant a signed request became. */
  grantOf(requestId: string): Promise<string>;
  collect(grantId: string, headers?: Readonly<Record<string, string>>): Promise<Collected>;
  usesOf(grantId: string): Promise<number>;
}

export interface Collected {
  readonly credential?: { readonly url: string; readonly accessToken: string };
  readonly result?: object;
}

interface Called {
  readonly status: number;
  readonly text: string;
}

let count = 0;

export async function newAgent(
  { web, credentials, owner, previews }: World,
  publicJwk: object | null = null,
): Promise<Agent> {
  count += 1;
  const { id, token, collect } = await owner.register({ name: `bench-bot-${count}`, publicJwk });
  const authorization = `Bearer ${token}`;

  async function call(url: string, init: RequestInit, more: Readonly<Record<string, string>> = {}): Promise<Called> {
    const answer = await fetch(url, { ...init, headers: { authorization, ...more } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
    return { status: answer.status, text };
  }

  async function file(ask: object): Promise<Filed> {
    const init = { method: 'POST', body: JSON.stringify({ reason: 'It is measured.', ...ask }) };
    const { text } = await call(`${web}/api/v1/requests`, init, { 'content-type': 'application/json' });
    return { id: (JSON.parse(text) as Filed).id };
  }

  return {
    ...{ id, token, file },
    async pending(ask) {
      const { id: requestId } = await file(ask);
      await previews.landed(requestId);
      return requestId;
    },
    async waiting() {
      const { text } = await call(`${web}/api/v1/requests`, {});
      const { items } = JSON.parse(text) as { readonly items: ReadonlyArray<{ id: string; state: string }> };
      return items.filter(({ state }) => state === 'pending').map((one) => one.id);
    },
    async grantOf(requestId) {
      const { text } = await call(`${web}/api/v1/requests/${requestId}`, {});
      const { grant } = JSON.parse(text) as { readonly grant: { readonly id: string } | null };
      if (grant === null) throw new Error(`no grant: ${text}`);
      return grant.id;
    },
    async collect(grantId, headers = {}) {
      const url = `${credentials}/v1/grants/${grantId}/credential`;
      const collector = { authorization: `Bearer ${collect ?? token}`, ...headers };
      return JSON.parse((await call(url, { method: 'POST' }, collector)).text) as Collected;
    },
    async usesOf(grantId) {
      const { text } = await call(`${credentials}/v1/grants/${grantId}`, {});
      return (JSON.parse(text) as { readonly uses: number }).uses;
    },
  };
}

const TABLES = ['bookings', 'payments', 'rooms', 'customers'];
let turn = 0;

/** An ask at the sample database that nobody has made yet: the same open ask twice would be one. */
export function freshAsk(): object {
  turn += 1;
  const [ttl, kind] = [turn % 3_500, Math.floor(turn / 3_500)];
  return {
    target: 'sample-bookings',
    resources: [`table/public.${TABLES[kind % 4]}`],
    verbs: kind < 4 ? ['select', 'update'] : kind < 8 ? ['select'] : ['update'],
    ttlSeconds: 3_600 - ttl,
  };
}
