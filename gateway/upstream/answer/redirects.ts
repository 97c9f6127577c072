import { refuse } from '#lib/core';
import type { UpstreamConfig } from '#lib/targets';
import type { UpstreamHeaders } from '../headers';
import type { Redactor } from './redact';

/*
 * Where a provider's answer leads. Nothing is followed here. Within the provider
 * the agent may follow through us; elsewhere nothing leads (T34).
 */

/** Where the agent finds what a provider calls `address`; null where that is no place of this target's. */
type Rewrite = (address: string) => string | null;

/** `path` is that of the request, which what is relative goes by; `base` where the gateway stands in for the target. */
function rewriter({ url, secretIn }: UpstreamConfig, path: string, base: string, redact: Redactor): Rewrite {
  const own = new URL(url);
  const asked = new URL(own.origin + path);
  const under = own.pathname.replace(/\/$/, '');
  return (address) => {
    const to = URL.canParse(address, asked) ? new URL(address, asked) : null;
    if (to === null || to.origin !== own.origin) return null;
    if (to.pathname !== under && !to.pathname.startsWith(`${under}/`)) return null;
    // The secret's parameter is ours to send: with it in the address the agent could not follow.
    if (secretIn.place === 'query' && to.searchParams.has(secretIn.name)) to.searchParams.delete(secretIn.name);
    return redact.text(base + to.pathname.slice(under.length) + to.search);
  };
}

/** `location` and `link` as the agent may have them. Throws for a redirect that leaves the provider. */
export function redirectHeaders(
  { status, headers }: { readonly status: number; readonly headers: UpstreamHeaders },
  from: { readonly config: UpstreamConfig; readonly path: string; readonly base: string; readonly redact: Redactor },
): { location?: string; link?: string } {
  const { location, link } = headers;
  if (location === undefined && link === undefined) return {};
  const rewrite = rewriter(from.config, from.path, from.base, from.redact);
  const to = typeof location === 'string' ? rewrite(location) : null;
  if (location !== undefined && to === null && status >= 300 && status < 400)
    refuse(
      'target_refused',
      'The provider sends this elsewhere, to another host. That is not followed, and not passed on.',
    );
  const links = link === undefined ? '' : linksOf([link].flat().join(', '), rewrite);
  return { ...(to === null ? {} : { location: to }), ...(links === '' ? {} : { link: links }) };
}

const MOST_LINK = 8_192;

/** RFC 8288, as far as paging needs it: the address and its `rel`. */
function linksOf(text: string, rewrite: Rewrite): string {
  if (text.length > MOST_LINK) return '';
  const links: string[] = [];
  for (const [, address = '', rest = ''] of text.matchAll(/<([^<>]*)>((?:"[^"]*"|[^<"])*)/g)) {
    const to = rewrite(address);
    const rel = /;\s*rel\s*=\s*"?([a-z][a-z -]{0,40})"?/i.exec(rest)?.[1];
    if (to !== null && rel !== undefined) links.push(`<${to}>; rel="${rel.trim()}"`);
  }
  return links.join(', ');
}
