import { refuse } from '#lib/core';

/** A connection string in its parts. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Empty where the string holds none. */
  readonly password: string;
  readonly tls: 'disable' | 'require' | 'verify-full';
}

const TLS: ReadonlyMap<string, Connection['tls']> = new Map([
  ['disable', 'disable'],
  ['allow', 'require'],
  ['prefer', 'require'],
  ['require', 'require'],
  ['verify-ca', 'verify-full'],
  ['verify-full', 'verify-full'],
]);
const LOCAL = new Set(['localhost', '127.0.0.1', '::1']);

const refuseConnection = (detail: string): never =>
  refuse('invalid_request', detail, { errors: [{ pointer: '/target/connection', detail }] });

/**
 * `postgresql://user:password@host:port/database?sslmode=…`. Without `sslmode`
 * the server must prove its name, unless it is this very machine. Anything else
 * in the query is refused, not ignored: it might have mattered.
 */
export function parseConnection(text: string): Connection {
  const url = URL.canParse(text)
    ? new URL(text)
    : refuseConnection('Write it as postgresql://user@host:5432/database.');
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    refuseConnection('It must begin with postgresql://.');
  const { sslmode, ...others } = Object.fromEntries(url.searchParams);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) refuseConnection(`Only sslmode may stand after the question mark, not ${unknown}.`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const tls = sslmode === undefined ? (LOCAL.has(host) ? 'disable' : 'verify-full') : TLS.get(sslmode);
  if (tls === undefined) return refuseConnection('sslmode is disable, require or verify-full.');
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decode);
  if (host === '' || !user || !database)
    return refuseConnection('It needs a user, a host and a database: postgresql://user@host:5432/database.');
  return { host, port: url.port === '' ? 5432 : Number(url.port), database, user, password: password ?? '', tls };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuseConnection('A percent sign in it must be written %25.');
  }
}
