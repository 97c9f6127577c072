import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { DomainError, refuse } from '#lib/core';

/** Past a megabyte, more than this many times what came in is a bomb (T68). */
const MAX_RATIO = 100;
const FREE_BYTES = 1_048_576;

const STREAMS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** We ask for plain bytes. A provider that packs them anyway is unpacked before it is looked at; null where it did not. */
export function unpacker(encoding: string | string[] | undefined): Transform | null {
  const name = encoding?.toString().trim().toLowerCase() ?? 'identity';
  if (name === '' || name === 'identity') return null;
  const make = Object.hasOwn(STREAMS, name) ? STREAMS[name] : undefined;
  if (make === undefined)
    return refuse('target_refused', 'The provider packed its answer in a way that is not read here.');
  const stream = make();
  let [packed, unpacked] = [0, 0];
  const write = stream.write.bind(stream) as (chunk: Buffer, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: Buffer, ...rest: unknown[]) => {
    packed += chunk.length;
    return write(chunk, ...rest);
  }) as typeof stream.write;
  stream.on('data', (chunk: Buffer) => {
    unpacked += chunk.length;
    if (unpacked > FREE_BYTES && unpacked > packed * MAX_RATIO)
      stream.destroy(new DomainError('target_refused', 'The provider’s answer unpacks to too much.'));
  });
  stream.pause();
  return stream;
}
