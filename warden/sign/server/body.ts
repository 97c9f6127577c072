import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { type Json, parseStrictJson, refuse } from '#lib/core';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * The body of a POST that this origin's own page made. Another page cannot set
 * JSON as content type without asking first, and cannot fake `Origin`; both are
 * asked for, exactly (T8).
 */
export async function readBody(request: IncomingMessage, signOrigin: string): Promise<Json> {
  if (request.headers.origin !== signOrigin) refuse('forbidden', 'This answers only its own page.');
  if (request.headers['content-type'] !== 'application/json')
    refuse('unsupported_media_type', 'Send application/json.');
  if (request.headers['content-encoding'] !== undefined)
    refuse('unsupported_media_type', 'Send the body as it is, not compressed.');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) refuse('body_too_large', 'At most 64 KiB.');
    chunks.push(chunk);
  }
  return parseStrictJson(decode(Buffer.concat(chunks)));
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    return refuse('invalid_json', 'The body is not UTF-8.', { cause });
  }
}

/** The body as the route wants it. Throws `invalid_request` that names each field. */
export function parseBody<T>(schema: z.ZodType<T>, body: Json): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: message }));
  return refuse('invalid_request', 'Some fields are not right.', { errors });
}
