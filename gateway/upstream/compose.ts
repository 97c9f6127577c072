import { refuse } from '#lib/core';
import { httpProfile } from '#lib/profiles';
import { type GraphqlOperation, type HttpOperation, isGraphql, type UpstreamConfig } from '#lib/targets';
import { requestHeaders } from './headers';

/** A request as it goes out: printed from what was classified, the secret in its place. */
export interface Composed {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

export type Compose = (operation: GraphqlOperation | HttpOperation, headers: ReadonlyMap<string, string>) => Composed;

/** Writes requests for one target. Everything that does not change is made ready once. */
export function composer(config: UpstreamConfig, secret: string): Compose {
  const base = new URL(config.url);
  const place = config.secretIn;
  const more = config.kind === 'http' ? httpProfile(config.profile).requestHeaders : [];
  const filter = requestHeaders(more.filter((name) => place.place !== 'header' || name !== place.name.toLowerCase()));
  const head = place.place === 'bearer' ? 'authorization' : place.place === 'header' ? place.name.toLowerCase() : null;
  const value = place.place === 'bearer' ? `Bearer ${secret}` : secret;
  if (!/^[\x21-\x7E]+$/.test(secret))
    refuse('invalid_request', 'The secret may hold printable ASCII only, and no spaces.');

  const bodyOf = bodies();
  const written = (
    operation: GraphqlOperation | HttpOperation,
  ): Pick<Composed, 'method' | 'path' | 'body'> & { type?: string } => {
    if (isGraphql(operation)) {
      return { method: 'POST', path: base.pathname, body: bodyOf(operation), type: 'application/json' };
    }
    const { method, path, body, contentType } = operation;
    const joined = base.pathname.replace(/\/$/, '') + path;
    return { method, path: joined, body: body ?? null, ...(contentType === undefined ? {} : { type: contentType }) };
  };

  return (operation, from) => {
    const { type, ...request } = written(operation);
    const headers = filter(from);
    if (type !== undefined) headers['content-type'] = type;
    if (isGraphql(operation)) headers['accept'] = 'application/json';
    if (head !== null) headers[head] = value;
    const path = place.place === 'query' ? withParameter(request.path, place.name, secret) : request.path;
    return { ...request, path, headers };
  };
}

/** An operation that was classified once is the same object each time, and written once. */
function bodies(): (operation: GraphqlOperation) => string {
  const texts = new WeakMap<GraphqlOperation, string>();
  return (operation) => {
    const { query, variables } = operation;
    const text = texts.get(operation) ?? JSON.stringify({ query, variables });
    texts.set(operation, text);
    return text;
  };
}

/** The agent may not say the secret's parameter itself, in any spelling that some reader takes for it. */
function withParameter(path: string, name: string, secret: string): string {
  const at = path.indexOf('?');
  const query = at === -1 ? '' : path.slice(at + 1);
  const names = query.split(/[&;]/).map((pair) => asLeastCareful(decoded(pair.split('=', 1)[0] ?? '')));
  if (query !== '' && names.includes(asLeastCareful(name)))
    refuse('invalid_request', `The parameter ${name} is the gateway’s to send.`);
  const parameter = `${encodeURIComponent(name)}=${encodeURIComponent(secret)}`;
  return `${path}${at === -1 ? '?' : query === '' ? '' : '&'}${parameter}`;
}

/** `key[]`, ` key`, `key.` and `key\0x` are `key` to PHP, Rails and others: cut there, and only letters and digits count. */
const asLeastCareful = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\0.*$|(?<=.)\[.*$/s, '')
    .replace(/[^a-z0-9]/g, '');

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return refuse('invalid_request', 'The query can be read in more than one way.');
  }
}
