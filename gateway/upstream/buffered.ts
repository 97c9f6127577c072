import { Writable } from 'node:stream';
import { refuse } from '#lib/core';
import { exchange, type Head, type UpstreamCall, type Wire } from './exchange';

/** What one buffered call may bring back, and how long it may take. */
const MOST_BYTES = 1_048_576;
const MOST_SECONDS = 30;

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly truncated: boolean;
}

/** Reads the answer to its end, keeps what is within the limit. */
export async function buffered(
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
