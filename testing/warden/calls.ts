import pg from 'pg';
import { adminUrl } from '#testing/database';
import type { House } from './house';

/*
 * Only for tests: calls at the gateway and at the warden, and looks at a target from outside.
 */

export interface CallOptions {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** At the gateway. */
export const call = ({ origins }: Pick<House, 'origins'>, path: string, options?: CallOptions): Promise<Answered> =>
  callAt(origins.gateway, path, options);

async function callAt(
  origin: string,
  path: string,
  { method = 'POST', token, headers = {}, body }: CallOptions = {},
): Promise<Answered> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(origin + path, {
    method,
    headers: { ...authorization, ...headers },
    ...(body === undefined ? {} : { body }),
  }).catch((error: Error) => {
    throw new Error(`${method} ${path}: ${error.message}, ${error.cause}`);
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) };
}

/** At the warden's door for agents. */
export const callWarden = (
  { origins }: Pick<House, 'origins'>,
  path: string,
  options?: CallOptions,
): Promise<Answered> => callAt(origins.agent, path, options);

export const collect = (house: Pick<House, 'origins'>, grantId: string, options: CallOptions): Promise<Answered> =>
  callWarden(house, `/v1/grants/${grantId}/credential`, options);

/** A session with a credential as it was handed out. Tests cut sessions on purpose. */
export async function session(credential: { readonly url: string }): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: credential.url.replace(/\?.*$/, '') });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Whether a role of this grant is at the server. */
export async function isMinted(grantId: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname LIKE $1', [`%${grantId.slice(4)}%`]);
    return rowCount !== 0;
  } finally {
    await client.end();
  }
}
