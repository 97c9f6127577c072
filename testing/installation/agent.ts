import { ask } from './postgres';

/** What an agent is given, once. */
export interface AgentSecrets {
  /** What it asks with. */
  readonly token: string;
  /** What it collects with. */
  readonly collect: string;
}

/** What an agent knows: where to ask, where to collect, and with which secret. */
export interface AgentClient {
  readonly token: string;
  file(body: object): Promise<Filed>;
  /** Until people can see what it would do, by the tables: the agent itself is not told (P1). */
  previewed(requestId: string): Promise<void>;
  /** Reads a request until it is in that state; the server holds the answer back meanwhile. */
  reaches(requestId: string, state: string): Promise<Filed>;
  grantReaches(grantId: string, state: string): Promise<GrantSeen>;
  collect(grantId: string): Promise<Answer>;
  call(method: 'GET' | 'POST', url: string, body?: object | URLSearchParams): Promise<Answer>;
}

export interface Filed {
  readonly id: string;
  readonly state: string;
  readonly stateReason: string | null;
  readonly grant: { readonly id: string; readonly state: string; readonly collectUrl: string } | null;
}

export interface GrantSeen {
  readonly id: string;
  readonly state: string;
  readonly proof: readonly string[] | null;
  readonly stillLive: string | null;
}

export interface PostgresCredential {
  readonly kind: 'postgres';
  readonly user: string;
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a stranger's JSON, looked into by assertions only
  readonly body: any;
}

const PATIENCE_MS = 30_000;

interface Installed {
  readonly web: string;
  readonly agents: string;
  readonly urls: { readonly owner: string };
}

export function agentWith(secrets: AgentSecrets, { web, agents, urls }: Installed): AgentClient {
  const { token } = secrets;

  async function call(
    method: 'GET' | 'POST',
    url: string,
    body?: object | URLSearchParams,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const type = body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json';
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }), ...more },
      ...(body === undefined ? {} : { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  async function reaches<T extends { readonly state: string }>(url: string, state: string): Promise<T> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const { status, body } = await call('GET', url, undefined, { prefer: 'wait=2' });
      if (status === 200 && body.state === state) return body;
      if (Date.now() > until) throw new Error(`${url} did not become ${state}: ${status} ${JSON.stringify(body)}`);
    }
  }

  return {
    token,
    call,
    async file(body) {
      const { status, body: filed } = await call('POST', `${web}/api/v1/requests`, body);
      if (status !== 201) throw new Error(`Not filed: ${status} ${JSON.stringify(filed)}`);
      return filed;
    },
    async previewed(id) {
      const until = Date.now() + PATIENCE_MS;
      for (;;) {
        const { rows } = await ask(urls.owner, 'SELECT state FROM requests WHERE id = $1', [id]);
        if (rows[0]?.state === 'pending') return;
        if (Date.now() > until) throw new Error(`${id} is ${rows[0]?.state ?? 'not there'} and not previewed.`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    reaches: (id, state) => reaches(`${web}/api/v1/requests/${id}`, state),
    grantReaches: (id, state) => reaches(`${web}/api/v1/grants/${id}`, state),
    collect: (grantId) =>
      call('POST', `${agents}/v1/grants/${grantId}/credential`, undefined, {
        authorization: `Bearer ${secrets.collect}`,
      }),
  };
}
