import { request as httpRequest } from 'node:http';
import type { Page } from 'playwright';
import type { InstallationUnderTest } from './installation';
import { ask } from './postgres';

/*
 * What an attacker can do who has taken the web server: serve what they like on
 * its origin, use the cookie of whoever comes by, and call anything with any header.
 */

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A call with whatever headers one likes, `Host` and `Origin` included. */
export function callFreely(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port, pathname, search } = new URL(url);
    const call = httpRequest(
      { host: '127.0.0.1', port, path: pathname + search, method, headers: { host: new URL(url).host, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

export async function cookieHeader(page: Page, origin: string): Promise<string> {
  return (await page.context().cookies(origin)).map(({ name, value }) => `${name}=${value}`).join('; ');
}

export interface Offered {
  readonly draft: string;
  readonly statement: string;
  readonly keys: readonly { readonly id: string; readonly credentialId: string }[];
}

const asSignPage = (stage: InstallationUnderTest): Record<string, string> => ({
  origin: stage.sign,
  'content-type': 'application/json',
});

/** With the victim's cookie: a ticket, and the statement the warden would show for it. */
export async function stealOffer(page: Page, stage: InstallationUnderTest, requestId: string): Promise<Offered> {
  const ticket = await callFreely(`${stage.web}/api/console/tickets`, {
    method: 'POST',
    headers: { origin: stage.web, 'content-type': 'application/json', cookie: await cookieHeader(page, stage.web) },
    body: JSON.stringify({ kind: 'request.approve', params: { requestId } }),
  });
  const token = new URL(JSON.parse(ticket.text).url).hash.slice(1);
  const shown = await callFreely(`${stage.sign}/api/ticket`, {
    method: 'POST',
    headers: asSignPage(stage),
    body: JSON.stringify({ ticket: token }),
  });
  return JSON.parse(shown.text).offer;
}

export const submit = (stage: InstallationUnderTest, draft: string, assertion: unknown): Promise<Reply> =>
  callFreely(`${stage.sign}/api/sign`, {
    method: 'POST',
    headers: asSignPage(stage),
    body: JSON.stringify({ draft, assertion }),
  });

/** Serves a page of the attacker's on that origin, and opens it. */
export async function standOn(
  page: Page,
  origin: string,
  html = '<!doctype html><title>Countersign</title><h1>Sign in again</h1>',
): Promise<void> {
  const url = `${origin}/taken`;
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await page.goto(url);
}

/** Asks the visitor's key, on whatever origin the page is, over any challenge. */
export function askKeyHere(
  page: Page,
  input: { readonly challenge: string; readonly credentialId?: string },
): Promise<unknown> {
  return page.evaluate(async ({ challenge, credentialId }) => {
    const bytes = (text: string) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const allowCredentials =
      credentialId === undefined ? [] : [{ type: 'public-key' as const, id: bytes(credentialId) }];
    const made = await navigator.credentials.get({
      publicKey: { challenge: bytes(challenge), rpId: 'localhost', userVerification: 'required', allowCredentials },
    });
    return (made as PublicKeyCredential).toJSON();
  }, input);
}

/** Everything that counts in the database, as one value: it changes when any of it does. */
export async function stateOf(stage: InstallationUnderTest): Promise<unknown> {
  const tables = [
    'chain',
    'humans',
    'invitations',
    'agents',
    'targets',
    'sealed',
    'rest_allowances',
    'requests',
    'tickets',
    'drafts',
    'approvals',
    'grants',
    'audit_events',
  ];
  const columns = tables.map(
    (table) =>
      `(SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM (SELECT to_jsonb(x) - 'last_seen_at' AS t FROM ${table} x) s) AS ${table}`,
  );
  return (await ask(stage.adminUrl(stage.ownDatabase), `SELECT ${columns.join(', ')}`)).rows[0];
}
