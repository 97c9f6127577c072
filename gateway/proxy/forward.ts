import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Callers } from '#gateway/callers';
import { type Classification, classifyHttp } from '#gateway/classify';
import type { Orders } from '#gateway/orders';
import { inertType } from '#gateway/upstream';
import { refuse } from '#lib/core';
import { BARE, BARE_LIST, hasBody, headersOf, type Patience, textOf } from '#lib/http/wire';
import { httpProfile } from '#lib/profiles';
import type { UpstreamResult } from '#lib/records';
import type { HttpOperation, Operation } from '#lib/targets';
import type { Gateway } from '../context';
import { type Admission, admit, MOST_OUTAGE_SECONDS, refuseLate, seenOf } from './admit';
import type { Decision } from './decide';
import { forwardAuth } from './forward-auth';
import { createHolds, type Holds } from './hold';
import { createOpenTargets, type OpenTargets } from './open-targets';
import { askable, elevationRequired, graphqlProblem, MAX_WAIT_SECONDS, type Refused, requestFor } from './refusal';
import { createStreams, type Open, type Streams } from './streams';
import { readWhole } from './unpack';

/** The most an exact call's body may have. */
const MAX_EXACT_BYTES = 100_000;

export interface Forward {
  /** Answers a call below `/t/`, or throws what to answer. */
  handle(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  /** Answers a proxy of the owner’s that asks whether a call may pass, or throws what to answer. */
  authorize(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void>;
  stop(): Promise<void>;
}

/** What every step here works with. */
export interface Gate {
  readonly gateway: Gateway;
  readonly head: Gateway['head'];
  readonly callers: Callers;
  readonly targets: OpenTargets;
  readonly holds: Holds;
  readonly streams: Streams;
  readonly patience: Patience;
}

interface Incoming extends Omit<Admission, 'classification'> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** As they came, lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly open: Open;
}

/** A call with what it would do. */
type Classified = Incoming & Admission;

/** The gateway: an agent's ordinary client is pointed here instead of at its provider. */
export function createForward(
  gateway: Gateway,
  parts: {
    readonly callers: Callers;
    readonly orders: Orders;
    readonly proxies: readonly string[];
    readonly patience: Patience;
  },
): Forward {
  const { callers, orders, proxies, patience } = parts;
  const { hot, listener, head, origins } = gateway;
  const streams = createStreams({ hot, listener, head });
  const [targets, holds] = [createOpenTargets(gateway), createHolds(gateway, orders)];
  const gate: Gate = { gateway, head, callers, targets, holds, streams, patience };
  return {
    async handle(request, response, requestId) {
      const { caller, target, rest } = await arrive(gate, request);
      const call = { request, response, requestId, headers: headersOf(request), caller, target };
      try {
        const open = streams.enter(call);
        await settle(gate, { ...call, open, classification: await classified(call, rest) });
      } catch (error) {
        if (target.config.kind !== 'graphql' || response.headersSent) throw error;
        answerGraphql(gate, call, error);
      }
    },
    authorize: forwardAuth({ origins, callers, targets, head }, proxies),
    async stop() {
      await gate.holds.stop();
      await streams.stop();
    },
  };
}

/** `/t/<target>` and what follows it, not decoded: an encoded spelling is another path (T50). */
export function placeOf(url: string): { readonly name: string; readonly rest: string } {
  const match = /^\/t\/([a-z][a-z0-9-]{1,39})(?![a-z0-9-])(.*)$/s.exec(url);
  const [, name, rest] = match ?? refuse('not_found', 'There is nothing here.');
  return { name: name ?? '', rest: rest ?? '' };
}

/** Who calls, and what for: both known before a byte of the body is read. */
async function arrive({ gateway, callers, targets }: Gate, request: IncomingMessage) {
  const { url = '', method = '', headers } = request;
  const { name, rest } = placeOf(url);
  const caller = await callers.authenticate({
    method,
    // RFC 9449 §4.2: without the query.
    url: gateway.origins.gateway + url.split('?', 1)[0],
    authorization: headers.authorization,
    dpop: typeof headers['dpop'] === 'string' ? headers['dpop'] : undefined,
  });
  const target = await targets.find(callers.signed({ seconds: MOST_OUTAGE_SECONDS }), name);
  return { caller, target, rest };
}

async function classified({ request, target, headers }: Omit<Incoming, 'open'>, rest: string): Promise<Classification> {
  const { config, classifier } = target;
  if (config.kind === 'http') {
    const { opens, closes } = config;
    const call = { method: request.method ?? '', target: rest === '' ? '/' : rest, headers };
    return classifyHttp({ profile: httpProfile(config.profile), opens, closes, call });
  }
  const { path, search } = split(rest);
  if (classifier === null || !(path === '' || path === '/' || path === new URL(config.url).pathname))
    return refuse('not_found', `This is GraphQL: POST to /t/${config.name}.`);
  const body = textOf(await readWhole(request, config.maxBodyBytes));
  if (body === null) return refuse('invalid_json', 'The body is not UTF-8.');
  const { method = '' } = request;
  return classifier({ method, contentType: request.headers['content-type'] ?? '', search, body });
}

function split(rest: string): { readonly path: string; readonly search: string } {
  const at = rest.indexOf('?');
  return at === -1 ? { path: rest, search: '' } : { path: rest.slice(0, at), search: rest.slice(at) };
}

/** Lets it through, holds it, or says why not. */
async function settle(gate: Gate, call: Classified): Promise<void> {
  const decision = await admit(gate, call);
  if (decision.by !== 'nobody') {
    call.open.by = decision.by;
    return pass(gate, call, decision);
  }
  const refused = {
    config: call.target.config,
    classification: call.classification,
    decision,
    operation: await exactly(call),
    mayWait: true,
    webOrigin: gate.gateway.origins.web,
  };
  const seconds = waitOf(call.request);
  if (seconds !== null && refused.operation !== null && askable(refused) === 'exact')
    return hold(gate, call, { refused, operation: refused.operation, seconds });
  gate.callers.refused(seenOf(call));
  refuseWith(gate, call, refused);
}

/** Sends what was classified, and nothing else. */
async function pass(
  gate: Gate,
  { request, response, requestId, target, caller, classification, headers }: Classified,
  decision: Decision,
): Promise<void> {
  const body = target.config.kind === 'http' && hasBody(request) ? plainBody(request) : null;
  gate.patience.allow(request);
  const beforeSend = (): void => refuseLate(gate, decision, { target, caller });
  const call = { operation: classification.operation, headers, beforeSend };
  await target.upstream.stream(call, body, response, headersFor(gate, requestId));
}

/** On every answer of a provider's: name, value, name, value. */
const headersFor = ({ callers }: Gate, requestId: string): readonly string[] => [
  ...BARE_LIST,
  'x-request-id',
  requestId,
  'dpop-nonce',
  callers.nonce(),
];

/** What is not classified is not unpacked either, and its packing is not passed on. */
function plainBody(request: IncomingMessage): IncomingMessage {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    refuse('unsupported_media_type', 'Send the body without Content-Encoding.');
  return request;
}

/** The operation word for word, body included; null where it is too large, not text, or more than its bytes. */
async function exactly({ request, target, classification }: Classified): Promise<Operation | null> {
  if (target.config.kind === 'graphql' || !hasBody(request)) return classification.operation;
  if (Number(request.headers['content-length'] ?? 0) > MAX_EXACT_BYTES) return null;
  const body = textOf(await readWhole(request, target.config.maxBodyBytes));
  if (body === null || body.length > MAX_EXACT_BYTES) return null;
  const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  // What it consists of is told by a boundary, which is a parameter and is not kept.
  if (contentType.startsWith('multipart/')) return null;
  const typed = contentType === '' ? {} : { contentType };
  return { ...(classification.operation as HttpOperation), ...typed, ...(body === '' ? {} : { body }) };
}

/** RFC 7240: `Prefer: wait=N`, seconds. */
function waitOf({ headers }: IncomingMessage): number | null {
  const prefer = headers['prefer'];
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,5})/i.exec(
    Array.isArray(prefer) ? prefer.join(', ') : (prefer ?? ''),
  )?.[1];
  return seconds === undefined ? null : Math.min(Number(seconds), MAX_WAIT_SECONDS);
}

/** Keeps the agent on the line while people decide. */
async function hold(
  gate: Gate,
  { request, response, requestId, caller, target }: Classified,
  {
    refused,
    operation,
    seconds,
  }: { readonly refused: Refused; readonly operation: Operation; readonly seconds: number },
): Promise<void> {
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const body = requestFor(refused, reasonOf(request));
  const held = { agent: caller.agent, targetId: target.signed.id, operation, body, seconds, signal: hungUp.signal };
  const result = await gate.holds.hold(held);
  const own = ['preference-applied', `wait=${seconds}`, ...Object.entries(typeOf(result)).flat()];
  response.writeHead(result.status, [...headersFor(gate, requestId), ...own]);
  response.end(result.body);
}

const typeOf = ({ contentType, truncated }: UpstreamResult): Record<string, string> => ({
  'content-type': inertType(contentType),
  ...(truncated ? { 'x-countersign-truncated': 'true' } : {}),
});

/** The agent's own words, where its client can say any. */
function reasonOf({ headers }: IncomingMessage): string {
  const said = headers['countersign-reason'];
  return typeof said === 'string' && said.trim() !== ''
    ? said.slice(0, 2_000)
    : 'No reason was given: the agent’s client sent its call and waits.';
}

function refuseWith(gate: Gate, { response, requestId, request }: Classified, refused: Refused): void {
  const { status, body } = elevationRequired(refused, requestId);
  response.writeHead(status, [...headersFor(gate, requestId), 'content-type', 'application/problem+json']);
  response.end(body);
  request.resume();
}

/** GraphQL clients read `errors` and nothing else. */
function answerGraphql(
  { callers }: Gate,
  { request, response, requestId }: Omit<Incoming, 'open'>,
  error: unknown,
): void {
  if (response.destroyed) return;
  const { status, headers, body } = graphqlProblem(error, requestId);
  const close = status === 413 ? { connection: 'close' } : {};
  response.writeHead(status, { ...BARE, ...headers, 'dpop-nonce': callers.nonce(), ...close });
  response.end(body);
  request.resume();
}
