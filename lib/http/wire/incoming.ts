import type { IncomingMessage } from 'node:http';
import { DomainError, refuse } from '#lib/core';

/** The body as text; null where it is none. */
export function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The whole body as it came. Too much of it leaves the connection open: the refusal still has to go out. */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  // `gzip, chunked` is passed by the parser as if it were chunked alone: what is read would be no body anybody sent (T49).
  if ((request.headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked')
    refuse('invalid_request', 'Of Transfer-Encoding only chunked is read here.');
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) tooLarge(maxBytes);
  if (request.destroyed) return cutOff();
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    let sizeBytes = 0;
    // Events, not a loop over the stream: that costs as much as classifying what comes.
    const done = (error?: unknown): void => {
      request.off('data', onData).off('end', done).off('error', reject).off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes <= maxBytes) return void chunks.push(chunk);
      request.pause();
      done(oversized(maxBytes));
    };
    const onClose = (): void => done(new DomainError('invalid_request', CUT_OFF));
    request.on('data', onData).once('end', done).once('error', reject).once('close', onClose);
  });
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
}

const CUT_OFF = 'The body was cut off.';
const cutOff = (): never => refuse('invalid_request', CUT_OFF);

/** `body_too_large`, naming the limit. */
export const oversized = (maxBytes: number): DomainError =>
  new DomainError('body_too_large', `A body that has to be read has at most ${maxBytes} bytes here.`);

function tooLarge(maxBytes: number): never {
  throw oversized(maxBytes);
}

/** Lower-case names; one that is there several times is joined as HTTP joins it. */
export const headersOf = (request: IncomingMessage): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
