import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '#lib/core';
import { textOf } from '#lib/http/wire';
import { readWhole } from './unpack';

const LIMIT = 4_096;

/** What reading said of the last request. */
let read: Promise<Buffer>;
const server = createServer((request: IncomingMessage, response) => {
  read = readWhole(request, LIMIT);
  read.then(
    () => response.end(),
    () => response.writeHead(400, { connection: 'close' }).end(),
  );
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** Raw, since no client would send some of this. */
async function send(headers: readonly string[], body: Buffer | string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const bytes = Buffer.from(body);
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n`);
  socket.write(bytes);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  return read.then(
    (found) => textOf(found) ?? 'not text',
    (error: unknown) => (error instanceof DomainError ? error.code : 'a stray error'),
  );
}
const whole = (body: Buffer | string, ...headers: string[]) =>
  send([`Content-Length: ${Buffer.byteLength(body)}`, ...headers], body);
const chunked = (body: Buffer, ...headers: string[]) =>
  send(
    ['Transfer-Encoding: chunked', ...headers],
    Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
  );

describe('What is classified is read to its end, or not at all (T49, T68)', () => {
  test('packed or not, in one piece or in chunks, it is the same text', async () => {
    const text = '{"query":"{ me { id } }"}';
    expect(await whole(text)).toBe(text);
    expect(await chunked(Buffer.from(text))).toBe(text);
    expect(await whole(gzipSync(text), 'Content-Encoding: gzip')).toBe(text);
    expect(await whole(deflateSync(text), 'Content-Encoding: Deflate')).toBe(text);
    expect(await chunked(gzipSync(text), 'Content-Encoding: gzip')).toBe(text);
  });

  test('the limit is a limit: one byte below, at it, one above', async () => {
    expect(await whole('a'.repeat(LIMIT - 1))).toHaveLength(LIMIT - 1);
    expect(await whole('a'.repeat(LIMIT))).toHaveLength(LIMIT);
    expect(await whole('a'.repeat(LIMIT + 1))).toBe('body_too_large');
    expect(await chunked(Buffer.alloc(LIMIT + 1, 'a'))).toBe('body_too_large');
  });

  test('a bomb is refused before it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000, 'a'));
    expect(bomb.length).toBeLessThan(LIMIT);
    expect(await whole(bomb, 'Content-Encoding: gzip')).toBe('body_too_large');
  });

  test('what cannot be unpacked, or is packed twice or in another way, is refused', async () => {
    expect(await whole('not gzip', 'Content-Encoding: gzip')).toBe('invalid_request');
    expect(await whole(gzipSync(gzipSync('x')), 'Content-Encoding: gzip, gzip')).toBe('unsupported_media_type');
    expect(await whole('x', 'Content-Encoding: br')).toBe('unsupported_media_type');
    expect(await whole('x', 'Content-Encoding: toString')).toBe('unsupported_media_type');
  });

  test('a transfer coding beside chunked is refused, though the parser passes it', async () => {
    const body = Buffer.from('1\r\nx\r\n0\r\n\r\n');
    expect(await send(['Transfer-Encoding: gzip, chunked'], body)).toBe('invalid_request');
    expect(await send(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], body)).toBe('invalid_request');
    expect(await send(['Transfer-Encoding: Chunked'], body)).toBe('x');
  });

  test('bytes that are no text are no text', () => {
    expect(textOf(Buffer.from([0xc3, 0x28]))).toBeNull();
  });
});
