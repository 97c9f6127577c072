import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { DomainError, refuse } from '#lib/core';
import { oversized, readBytes } from '#lib/http/wire';

/** A body that unpacks to more than this many times its size is a bomb (T68). */
const MAX_RATIO = 100;

const UNPACK = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) } as const;

/** The whole body, unpacked, or `body_too_large` at the first byte past the limit (T49). */
export async function readWhole(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const packed = await readBytes(request, maxBytes);
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return packed;
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding as keyof typeof UNPACK] : null;
  if (unpack === null)
    return refuse('unsupported_media_type', 'Send the body as it is, or packed with gzip or deflate.');
  const limit = Math.min(maxBytes, Math.max(1_024, packed.length * MAX_RATIO));
  return unpack(packed, { maxOutputLength: limit }).catch((cause: unknown) => {
    if ((cause as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw oversized(maxBytes);
    throw new DomainError('invalid_request', 'The body cannot be unpacked.', { cause });
  });
}
