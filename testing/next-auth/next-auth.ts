import { createRequire } from 'node:module';
import { NextRequest } from 'next/server';

/*
 * Only for tests: route handlers without a Next.js server. next-auth asks
 * `next/headers` for the cookies; outside a request that throws, so the one
 * copy both of us load is replaced by a jar the test can look into.
 */

const jar = new Map<string, string>();
let sent = new Headers();

const asCookie = (name: string) => ({ name, value: jar.get(name) ?? '' });
const store = {
  getAll: () => [...jar.keys()].map(asCookie),
  get: (name: string) => (jar.has(name) ? asCookie(name) : undefined),
  set: (name: string, value: string) => (value === '' ? jar.delete(name) : jar.set(name, value)),
};

const require = createRequire(import.meta.url);
const path = require.resolve('next/headers');
require(path);
const loaded = require.cache[path];
/** For `vi.mock('next/headers')`: our own import of it; next-auth's `require` gets the same here. */
export const headersModule = { cookies: async () => store, headers: async () => sent };
if (loaded !== undefined) loaded.exports = headersModule;

export const cookies: ReadonlyMap<string, string> = jar;
export const forgetCookies = (): void => jar.clear();
export const forgetCookie = (name: string): boolean => jar.delete(name);

type Handler = (request: NextRequest, context: { params: Promise<{ nextauth: string[] }> }) => Promise<Response>;

export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls next-auth's route as a browser on web's origin would, and keeps the cookies it sets. */
export async function call(handler: Handler, { method, path: to, form, headers }: Sent): Promise<Response> {
  const url = new URL(`http://localhost:3000/api/auth/${to}`);
  const text = new URLSearchParams(form).toString();
  sent = new Headers({
    origin: 'http://localhost:3000',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(text.length),
    ...headers,
  });
  const body = form === undefined ? {} : { body: text };
  const request = new NextRequest(url, { method, headers: sent, ...body });
  const nextauth = url.pathname.split('/').slice(3);
  const response = await handler(request, { params: Promise.resolve({ nextauth }) });
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    store.set(name, decodeURIComponent(value));
  }
  return response;
}
