import type { IncomingMessage, ServerResponse } from 'node:http';
import ipaddr from 'ipaddr.js';
import type { Callers } from '#gateway/callers';
import { type Classification, classifyHttp } from '#gateway/classify';
import type { HeadFollower } from '#gateway/head';
import { refuse } from '#lib/core';
import { BARE, headersOf } from '#lib/http/wire';
import { httpProfile } from '#lib/profiles';
import type { HttpOperation } from '#lib/targets';
import type { Gateway } from '../context';
import { type Admission, admit, MOST_OUTAGE_SECONDS, seenOf } from './admit';
import type { OpenTarget, OpenTargets } from './open-targets';
import { elevationRequired } from './refusal';

/** How proxies say what they were asked: nginx by custom, Caddy and Traefik by default. */
const SPELLINGS = [
  { method: 'x-original-method', uri: 'x-original-uri' },
  { method: 'x-forwarded-method', uri: 'x-forwarded-uri' },
] as const;

interface Asking {
  readonly origins: Gateway['origins'];
  readonly callers: Callers;
  readonly targets: OpenTargets;
  readonly head: HeadFollower;
}

/**
 * Answers a proxy that stands before a service: 204 where the call it was sent
 * may pass, and what the gateway itself would say where it may not. The proxy's
 * word for method and URI counts only from an address the operator named (T53).
 */
export function forwardAuth(asking: Asking, proxies: readonly string[]) {
  const isProxy = addressesIn(proxies);
  return async (request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> => {
    if (!isProxy(request.socket.remoteAddress ?? '')) return nothing();
    const original = originalOf(request);
    const { target, caller } = await arrive(asking, request, original);
    const call = { target, caller, classification: classified(target, original, request) };
    const decision = await admit(asking, call);
    if (decision.by !== 'nobody') return pass(response, { ...call, requestId, nonce: asking.callers.nonce() });
    asking.callers.refused(seenOf(call));
    const { config } = target;
    const { classification } = call;
    const { status, body } = elevationRequired(
      {
        config,
        classification,
        decision,
        operation: bodiless(classification),
        mayWait: false,
        webOrigin: asking.origins.web,
      },
      requestId,
    );
    response.writeHead(status, {
      ...BARE,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      'dpop-nonce': asking.callers.nonce(),
    });
    response.end(body);
  };
}

const nothing = (): never => refuse('not_found', 'There is nothing here.');

/** Whether an address is one of these, or in one of these ranges. */
export function addressesIn(list: readonly string[]): (address: string) => boolean {
  const ranges = list.map((one) => (one.includes('/') ? ipaddr.parseCIDR(one) : whole(ipaddr.process(one))));
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some((range) => range[0].kind() === parsed.kind() && parsed.match(range));
  };
}

const whole = (address: ipaddr.IPv4 | ipaddr.IPv6): [ipaddr.IPv4 | ipaddr.IPv6, number] => [
  address,
  address.kind() === 'ipv4' ? 32 : 128,
];

interface Original {
  readonly method: string;
  /** Path and query as the proxy was sent them. */
  readonly uri: string;
}

/** In one spelling, whole, and in no other beside it: what a proxy does not set itself, its caller may (T53). */
function originalOf({ headers }: IncomingMessage): Original {
  const said = SPELLINGS.filter(({ method, uri }) => headers[method] !== undefined || headers[uri] !== undefined);
  const [spelling] = said;
  const [method, uri] = spelling === undefined ? [] : [headers[spelling.method], headers[spelling.uri]];
  if (said.length !== 1 || typeof method !== 'string' || typeof uri !== 'string')
    return refuse('invalid_request', ONE_SPELLING);
  return { method, uri };
}

const ONE_SPELLING =
  'The proxy says which call it asks about in X-Original-Method and X-Original-URI, or in X-Forwarded-Method and X-Forwarded-Uri: both of one pair, and neither of the other.';

async function arrive({ origins, callers, targets }: Asking, request: IncomingMessage, { method, uri }: Original) {
  // Caddy leaves the caller's query on it. It says nothing here.
  const name = /^\/v1\/authorize\/([a-z][a-z0-9-]{1,39})(?:\?.*)?$/.exec(request.url ?? '')?.[1] ?? nothing();
  const { authorization, dpop } = request.headers;
  const caller = await callers.authenticate({
    method,
    // What a proof is made for is the call as this gateway names it, whatever the proxy's own address is (T28).
    url: `${origins.gateway}/t/${name}${uri.split('?', 1)[0]}`,
    authorization,
    dpop: typeof dpop === 'string' ? dpop : undefined,
  });
  const target = await targets.find(callers.signed({ seconds: MOST_OUTAGE_SECONDS }), name);
  return { caller, target };
}

/** Only what is classified without its body: of GraphQL a proxy shows nothing that matters. */
function classified({ config }: OpenTarget, { method, uri }: Original, request: IncomingMessage): Classification {
  if (config.kind !== 'http')
    return refuse(
      'invalid_request',
      `${config.name} is GraphQL, and cannot be classified without its body: use /t/${config.name}.`,
    );
  const { opens, closes } = config;
  const call = { method, target: uri, headers: headersOf(request) };
  return classifyHttp({ profile: httpProfile(config.profile), opens, closes, call });
}

/** To be approved word for word where there is no body to know. */
function bodiless({ operation }: Classification): HttpOperation | null {
  const { method } = operation as HttpOperation;
  return method === 'GET' || method === 'HEAD' || method === 'DELETE' ? (operation as HttpOperation) : null;
}

/** Who it is, for the proxy to pass on. Both always: an empty place would be the caller's to fill. */
function pass(
  response: ServerResponse,
  { caller, requestId, nonce }: Admission & { readonly requestId: string; readonly nonce: string },
): void {
  response.writeHead(204, {
    ...BARE,
    'x-request-id': requestId,
    'dpop-nonce': nonce,
    'x-countersign-agent': caller.agent.id,
    'x-countersign-grant': caller.kind === 'grant' ? caller.grant.id : 'none',
  });
  response.end();
}
