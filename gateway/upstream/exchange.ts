import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pool } from 'undici';
import { DomainError } from '#lib/core';
import { type GraphqlOperation, type HttpOperation, isGraphql, type UpstreamConfig } from '#lib/targets';
import type { Redactor } from './answer/redact';
import { redirectHeaders } from './answer/redirects';
import { unpacker } from './answer/unpack';
import type { Compose } from './compose';
import { responseHeaders, type UpstreamHeaders } from './headers';
import type { Queue } from './queue';

export interface UpstreamCall {
  readonly operation: GraphqlOperation | HttpOperation;
  /** What the agent sent, lower-case names. Filtered here. */
  readonly headers?: ReadonlyMap<string, string>;
  /** Asked when a connection is free, before a byte goes out: a call may have waited for one. Throws what keeps it in. */
  beforeSend?(): void | Promise<void>;
}

/** Everything one exchange needs. */
export interface Wire {
  readonly config: UpstreamConfig;
  readonly pool: () => Pool;
  readonly queue: Queue;
  readonly compose: Compose;
  readonly redact: Redactor;
  /** Where the gateway stands in for this target: what a redirect within it leads to. */
  readonly base: string;
  /** How long an agent may leave its answer unread. */
  readonly stallMs: number;
}

export interface Head {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Bytes to come, where the provider said and nothing changes it. */
  readonly length: number | null;
}

/** An emitter of `abort` costs a tenth of an AbortController, which every call would need. `aborted` is read once, when sending. */
export type Signal = AbortSignal | (EventEmitter & { aborted: boolean });

interface Sending {
  readonly call: UpstreamCall;
  readonly body: Readable | null;
  readonly signal: Signal;
}

/** Waits for a connection, sends, and hands what comes back, cleaned, to `open`'s stream. */
export async function exchange(wire: Wire, sending: Sending, open: (head: Head) => Writable): Promise<void> {
  const request = requestOf(wire, sending);
  await wire.queue.enter();
  let unpacking: Promise<void> | null = null;
  try {
    await sending.call.beforeSend?.();
    await wire.pool().stream(request, ({ statusCode: status, headers }) => {
      const { path, method } = request;
      const { into, done } = received(wire, { status, headers: headers as UpstreamHeaders, path, method }, open);
      unpacking = done;
      return into;
    });
    await unpacking;
  } catch (error) {
    throw explained(error);
  } finally {
    wire.queue.leave();
  }
}

function requestOf({ compose }: Wire, { call, body, signal }: Sending) {
  const { method, path, headers, body: written } = compose(call.operation, call.headers ?? new Map());
  const length = call.headers?.get('content-length');
  if (body !== null && length !== undefined && /^\d{1,15}$/.test(length)) headers['content-length'] = length;
  // A provider that answers without reading takes a body for the next call, written by the agent and sent with
  // nothing classifying it (T51): such a connection is used once. GraphQL's body is our own JSON, which has no line breaks.
  const reset = !isGraphql(call.operation) && (body !== null || written !== null);
  return { method: method as 'GET', path, headers, body: body ?? written, signal, ...(reset ? { reset } : {}) };
}

interface Received {
  readonly status: number;
  readonly headers: UpstreamHeaders;
  readonly path: string;
  readonly method: string;
}

/** Where the provider's bytes go, and when what is between there and `open`'s stream is done. */
function received(
  { redact, config, base }: Wire,
  answer: Received,
  open: (head: Head) => Writable,
): { readonly into: Writable; readonly done: Promise<void> | null } {
  const { status, headers, path, method } = answer;
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  const passed = {
    ...responseHeaders(headers, redact, hasBody),
    ...redirectHeaders(answer, { config, path, base, redact }),
  };
  const unpack = hasBody ? unpacker(headers['content-encoding']) : null;
  const length = unpack === null && headers['content-length'] !== undefined ? Number(headers['content-length']) : null;
  const sink = open({ status, headers: passed, length });
  if (unpack === null) return { into: sink, done: null };
  const done = pipeline(unpack, sink);
  // `done` may reject before anyone awaits it. The error still reaches `exchange`, so this only keeps it from counting as unhandled.
  done.catch(() => undefined);
  return { into: unpack, done };
}

/** What is said of a provider's failing never quotes it. */
function explained(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const { code, name, cause } = error as { code?: string; name?: string; cause?: unknown };
  if (cause instanceof DomainError) return cause;
  const why = { cause: new Error(code ?? name ?? 'unknown') };
  // zlib's codes, and Brotli's: `ERR__ERROR_FORMAT_…`.
  if (code !== undefined && /^(?:Z_|ERR__)/.test(code))
    return new DomainError('target_refused', 'The provider packed its answer in a way that cannot be unpacked.', why);
  return new DomainError('target_unreachable', 'The provider did not answer.', why);
}
