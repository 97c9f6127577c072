import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Readable, Writable } from 'node:stream';
import { Pool } from 'undici';
import { DomainError, refuse } from '#lib/core';
import type { GraphqlOperation, HttpOperation, UpstreamConfig } from '#lib/targets';
import { pinnedLookup, type Resolve, refuseLiteral, refusePlainHttp, systemResolve } from './addresses';
import { type Compose, composer } from './compose';
import { responseHeads } from './heads';
import { type Redactor, redactor } from './redact';
import { unpacker } from './unpack';

const CONNECTIONS = 64;
const CONNECT_MS = 5_000;
const HEADERS_MS = 30_000;
const BODY_MS = 60_000;

/** What one buffered call may bring back, and how long it may take. */
const MOST_BYTES = 1_048_576;
const MOST_SECONDS = 30;

/** An answer this small is sent in one piece. */
const SMALL_BYTES = 32_768;

export interface UpstreamCall {
  readonly operation: GraphqlOperation | HttpOperation;
  /** What the agent sent, lower-case names. Filtered here. */
  readonly headers?: ReadonlyMap<string, string>;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly truncated: boolean;
}

export interface Upstream {
  /** Buffered and bounded. Throws `target_unreachable` where nothing was answered, `target_refused` where the answer cannot be passed. */
  call(call: UpstreamCall, limits?: { readonly maxBytes?: number; readonly seconds?: number }): Promise<UpstreamAnswer>;
  /** Streams both ways, `extra` (name, value, name, value …) set on the answer. Throws as above before the first byte; after it, breaks the connection. */
  stream(
    call: UpstreamCall,
    body: Readable | null,
    response: ServerResponse,
    extra: readonly string[],
  ): Promise<{ readonly status: number }>;
}

/** Everything one exchange needs. */
interface Wire {
  readonly config: UpstreamConfig;
  readonly pool: Pool;
  readonly compose: Compose;
  readonly redact: Redactor;
  /** Where the gateway stands in for this target: what a redirect within it leads to. */
  readonly base: string;
}

/** The provider's side of a target. Nothing but this speaks to it. */
export function openUpstream(parts: {
  readonly config: UpstreamConfig;
  readonly secret: string;
  readonly gatewayOrigin: string;
  readonly onLeak: (origin: string) => void;
  readonly resolve?: Resolve;
}): Upstream & { close(): Promise<void> } {
  const { config, secret, gatewayOrigin, onLeak, resolve = systemResolve } = parts;
  const url = new URL(config.url);
  refusePlainHttp(url, config.privateNetwork);
  refuseLiteral(url.hostname, config.privateNetwork);
  const { lookup, forget } = pinnedLookup({ privateNetwork: config.privateNetwork, resolve });
  const pool = new Pool(url.origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    headersTimeout: HEADERS_MS,
    bodyTimeout: BODY_MS,
    connect: { timeout: CONNECT_MS, lookup },
  });
  pool.on('connectionError', forget);
  pool.on('disconnect', forget);
  const redact = redactor(secret, () => onLeak(url.origin));
  const wire: Wire = {
    config,
    pool,
    compose: composer(config, secret),
    redact,
    base: `${gatewayOrigin}/t/${config.name}`,
  };
  return {
    call: (call, limits) => buffered(wire, call, limits),
    stream: (call, body, response, extra) => streamed(wire, { call, body, response, extra }),
    close: () => pool.destroy(),
  };
}

interface Head {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Bytes to come, where the provider said and nothing changes it. */
  readonly length: number | null;
}

/** An emitter of `abort` costs a tenth of an AbortController, which every call would need. */
type Signal = AbortSignal | EventEmitter;

/** Sends it, and hands what comes back, cleaned, to `open`'s stream. */
async function exchange(
  wire: Wire,
  { call, body, signal }: { readonly call: UpstreamCall; readonly body: Readable | null; readonly signal: Signal },
  open: (head: Head) => Writable,
): Promise<void> {
  const { method, path, headers, body: written } = wire.compose(call.operation, call.headers ?? new Map());
  const length = call.headers?.get('content-length');
  if (body !== null && length !== undefined && /^\d{1,15}$/.test(length)) headers['content-length'] = length;
  try {
    await wire.pool.stream(
      { method: method as 'GET', path, headers, body: body ?? written, signal },
      ({ statusCode, headers: answered }) => received(wire, { status: statusCode, headers: answered as Heads }, open),
    );
  } catch (error) {
    throw explained(error);
  }
}

type Heads = Readonly<Record<string, string | undefined>>;

function received(
  { redact, config, base }: Wire,
  answer: { readonly status: number; readonly headers: Heads },
  open: (head: Head) => Writable,
): Writable {
  const { status, headers } = answer;
  const heads = responseHeads(headers, redact);
  if (headers['location'] !== undefined) heads['location'] = redirect(config, base, headers['location'], redact);
  const unpack = unpacker(headers['content-encoding']);
  const length = unpack === null && headers['content-length'] !== undefined ? Number(headers['content-length']) : null;
  const sink = open({ status, headers: heads, length });
  if (unpack === null) return sink;
  unpack.once('error', (error) => sink.destroy(error));
  unpack.pipe(sink);
  return unpack;
}

/** Nothing is followed here. Within the provider the agent may follow through us; elsewhere nothing leads (T34). */
function redirect({ url }: UpstreamConfig, base: string, location: string, redact: Redactor): string {
  const own = new URL(url);
  const to = URL.canParse(location, own) ? new URL(location, own) : null;
  const under = own.pathname.replace(/\/$/, '');
  if (to === null || to.origin !== own.origin || !(to.pathname === under || to.pathname.startsWith(`${under}/`)))
    return refuse(
      'target_refused',
      'The provider sends this elsewhere, to another host. That is not followed, and not passed on.',
    );
  return redact.text(base + to.pathname.slice(under.length) + to.search);
}

/** What is said of a provider's failing never quotes it. */
function explained(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const { code, name, cause } = error as { code?: string; name?: string; cause?: unknown };
  if (cause instanceof DomainError) return cause;
  return new DomainError('target_unreachable', 'The provider did not answer.', {
    cause: new Error(code ?? name ?? 'unknown'),
  });
}

async function buffered(
  wire: Wire,
  call: UpstreamCall,
  { maxBytes = MOST_BYTES, seconds = MOST_SECONDS }: { readonly maxBytes?: number; readonly seconds?: number } = {},
): Promise<UpstreamAnswer> {
  const late = AbortSignal.timeout(seconds * 1000);
  const chunks: Buffer[] = [];
  let head: Head | null = null;
  let sizeBytes = 0;
  await exchange(wire, { call, body: null, signal: late }, (answer) => {
    head = answer;
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        // What is past the limit is read to its end and dropped: the call was made, and its answer is an answer.
        if (sizeBytes <= maxBytes) chunks.push(chunk);
        sizeBytes += chunk.length;
        done();
      },
    });
  });
  const { status, headers } = (head ?? refuse('target_unreachable', 'The provider did not answer.')) as Head;
  const clean = wire.redact.whole(Buffer.concat(chunks));
  return {
    status,
    contentType: headers['content-type'] ?? '',
    body: clean.subarray(0, maxBytes).toString(),
    truncated: sizeBytes > maxBytes,
  };
}

async function streamed(
  wire: Wire,
  {
    call,
    body,
    response,
    extra,
  }: {
    readonly call: UpstreamCall;
    readonly body: Readable | null;
    readonly response: ServerResponse;
    readonly extra: readonly string[];
  },
): Promise<{ status: number }> {
  const hungUp = new EventEmitter();
  const onClose = (): void => void (response.writableFinished || hungUp.emit('abort'));
  response.once('close', onClose);
  let status = 0;
  try {
    await exchange(wire, { call, body, signal: hungUp }, (head) => {
      status = head.status;
      const open = head.length !== null && head.length <= SMALL_BYTES ? inOnePiece : inPieces;
      return open(wire, response, { status, headers: flat(head.headers, extra) });
    });
    return { status };
  } catch (error) {
    if (response.headersSent) response.destroy();
    throw error;
  } finally {
    response.off('close', onClose);
  }
}

/** As node takes them fastest: name, value, name, value. */
function flat(headers: Readonly<Record<string, string>>, extra: readonly string[]): string[] {
  const list = [...extra];
  for (const [name, value] of Object.entries(headers)) list.push(name, value);
  return list;
}

interface Opening {
  readonly status: number;
  readonly headers: string[];
}

/** Small: looked at whole, and sent with its length. */
function inOnePiece({ redact }: Wire, response: ServerResponse, { status, headers }: Opening): Writable {
  const chunks: Buffer[] = [];
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
    final(done) {
      const [first] = chunks;
      const clean = redact.whole(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
      if (status !== 204 && status !== 304) headers.push('content-length', String(clean.length));
      response.writeHead(status, headers);
      response.end(clean);
      done();
    },
  });
}

/** Large, or of unknown length: looked at as it passes. */
function inPieces({ redact }: Wire, response: ServerResponse, { status, headers }: Opening): Writable {
  const looking = redact.stream();
  response.writeHead(status, headers);
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const ready = looking.push(chunk);
      if (ready.length === 0 || response.write(ready)) done();
      else response.once('drain', done);
    },
    final(done) {
      response.end(looking.end());
      done();
    },
  });
}
