import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, connectTo, door, get, provider, SECRET, wayTo } from '#testing/upstream';

/*
 * A provider that packs its answer though we ask for plain bytes (T68). It may
 * pack well, badly or maliciously: the worst it can break is its own answer. An
 * unheard 'error' would end the process, and fail every test here as unhandled.
 */

afterEach(closeAll);

const PACKS = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })],
] as const;

/** Too random to be sent in one packet, so the answer has begun before it breaks. */
const LONG = randomBytes(400_000).toString('hex');

type Send = (response: ServerResponse) => void;

/** A provider that answers with these bytes, said to be packed. */
const packed = (encoding: string, bytes: Buffer, send: Send = (response) => void response.end(bytes)) =>
  provider((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding });
    send(response);
  });

/** What the agent gets: a status and a whole body, or a broken answer. */
async function asked(url: string): Promise<{ status: number; body: string } | 'broken'> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') throw error;
    return 'broken';
  }
}

const corrupt = (bytes: Buffer): Buffer => {
  const half = bytes.length >> 1;
  return Buffer.concat([bytes.subarray(0, half), Buffer.alloc(2_000, 0xff), bytes.subarray(half + 2_000)]);
};

describe.each(PACKS)('an answer packed with %s', (encoding, pack) => {
  test('is unpacked, and looked at unpacked, streamed and buffered', async () => {
    const text = `{"key":"${SECRET}","more":"${'x'.repeat(500)}"}`;
    const way = wayTo((await packed(encoding, pack(Buffer.from(text)))).url);
    const clean = text.replace(SECRET, '[redacted]');
    expect(await asked((await door(way)).url)).toEqual({ status: 200, body: clean });
    expect(await way.upstream.call({ operation: get('/') })).toMatchObject({ status: 200, body: clean });
    expect(way.leaks).toHaveLength(2);
  });

  test('passes whole when it is long', async () => {
    const way = wayTo((await packed(encoding, pack(Buffer.from(LONG)))).url);
    expect(await asked((await door(way)).url)).toEqual({ status: 200, body: LONG });
  });

  test.each<readonly [string, () => Buffer]>([
    ['is corrupt from the start', () => Buffer.from('this was never packed at all, whatever the head says')],
    // Brotli has no checksum: of a corrupt one only the size can be wrong.
    ...(encoding === 'br' ? [] : [['is corrupt later', () => corrupt(pack(Buffer.from(LONG)))] as const]),
    ['ends too early', () => pack(Buffer.from(LONG)).subarray(0, 200_000)],
    ['unpacks to a thousand times its size', () => pack(Buffer.alloc(16 * 1_048_576))],
  ])('that %s is an error or a broken answer, and the next call is answered', async (_, bytes) => {
    const way = wayTo((await packed(encoding, bytes())).url);
    const { url } = await door(way);
    for (let round = 0; round < 2; round += 1) {
      const answer = await asked(url);
      if (answer !== 'broken') expect(answer).toEqual({ status: 599, body: 'target_refused' });
    }
    await expect(way.upstream.call({ operation: get('/') })).rejects.toMatchObject({ code: 'target_refused' });
  });

  test('that is cut off by the provider is broken', async () => {
    const bytes = pack(Buffer.from(LONG));
    const send = (response: ServerResponse): void => {
      response.write(bytes.subarray(0, 200_000), () => setTimeout(() => response.destroy(), 20));
    };
    const way = wayTo((await packed(encoding, bytes, send)).url);
    expect(await asked((await door(way)).url)).toBe('broken');
    await expect(way.upstream.call({ operation: get('/') })).rejects.toMatchObject({ code: 'target_unreachable' });
  });

  test('whose reader hangs up is let go at the provider too', async () => {
    let letGo = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const bytes = pack(Buffer.from(LONG));
    const way = wayTo(
      (
        await packed(encoding, bytes, (response) => {
          response.once('close', letGo);
          response.write(bytes.subarray(0, 200_000));
        })
      ).url,
    );
    const agent = connectTo((await door(way)).port);
    agent.once('data', () => agent.destroy());
    agent.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await gone;
  });

  test('that has no body needs no unpacking', async () => {
    const { url } = await provider((request, response) => {
      response.writeHead(request.url === '/none' ? 204 : 200, { 'content-encoding': encoding }).end();
    });
    const { upstream } = wayTo(url);
    expect(await upstream.call({ operation: get('/none') })).toMatchObject({ status: 204, body: '' });
    expect(await upstream.call({ operation: { method: 'HEAD', path: '/' } })).toMatchObject({ status: 200, body: '' });
  });
});

test('an answer packed in a way nobody here reads is refused', async () => {
  const { upstream } = wayTo((await packed('zstd', Buffer.from('x'))).url);
  await expect(upstream.call({ operation: get('/') })).rejects.toMatchObject({ code: 'target_refused' });
});
