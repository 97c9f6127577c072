import { refuse } from '#lib/core';
import type { Redactor } from './answer/redact';

/*
 * Lists of what passes, in both directions. What is not on a list does not exist:
 * there is no spelling to forget (T52).
 */

/** No `range` and no `if-range`: in pieces of the agent's choosing the secret would pass the redactor unseen (T34). */
const REQUEST = [
  'accept',
  'accept-language',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'user-agent',
];

const RESPONSE = [
  'content-language',
  'etag',
  'last-modified',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-resource',
  'x-ratelimit-used',
];

/** No bytes outside printable ASCII: what one end reads as Latin-1 the other may read as something else (T54). */
const PLAIN = /^[\t\x20-\x7E]*$/;

/** Filters what the agent sent. Built once a target. */
export function requestHeaders(more: readonly string[]): (from: ReadonlyMap<string, string>) => Record<string, string> {
  const passing = [...REQUEST, ...more];
  return (from) => {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    for (const name of passing) {
      const value = from.get(name);
      if (value === undefined) continue;
      if (!PLAIN.test(value)) refuse('invalid_request', `The header ${name} may hold printable ASCII only.`);
      headers[name] = value;
    }
    headers['user-agent'] ??= 'countersign';
    return headers;
  };
}

/** Text that no browser runs, whatever the provider calls it. */
const INERT =
  /^(?:application\/(?:[a-z0-9.+-]*\+)?json|application\/octet-stream|text\/(?:plain|csv|event-stream)|image\/(?:png|jpeg|gif|webp))\s*(?:;|$)/i;

/** The content type as it may be passed on. Browsers go by the last of several: `text/plain;x, text/html`. */
export const inertType = (contentType: string): string =>
  INERT.test(contentType) && PLAIN.test(contentType) && !contentType.includes(',')
    ? contentType
    : 'text/plain; charset=utf-8';

/** As undici reads them: what was sent more than once is a list. */
export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Filters what the provider sent. A body without a type is sent as text, so that no browser guesses one. */
export function responseHeaders(from: UpstreamHeaders, redact: Redactor, hasBody: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of RESPONSE) {
    const value = from[name];
    if (typeof value === 'string' && PLAIN.test(value)) headers[name] = redact.text(value);
  }
  const type = from['content-type'];
  if (type !== undefined || hasBody) headers['content-type'] = inertType(redact.text(String(type ?? '')));
  const id = from['x-request-id'] ?? from['x-github-request-id'];
  if (typeof id === 'string' && PLAIN.test(id)) headers['x-upstream-request-id'] = redact.text(id);
  return headers;
}
