import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { refuse } from '#lib/core';
import { closeAll, connectTo, door, get, provider, rawProvider, SECRET, wayTo } from '#testing/upstream';
import { BOUNDS } from './upstream';

/*
 * Bodies of any size, readers of any slowness and providers of any manners: what
 * one call may take, and that one call is one call (T51, T68).
 */

afterEach(closeAll);

const MB = 1_048_576;
const CHUNK = Buffer.alloc(65_536, 'all work and no play\n');

/** The most memory above what there was, looked at while `work` runs. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 5);
  await work().finally(() => clearInterval(watch));
  return most - before;
}

const many = (chunks: number): Readable =>
  Readable.from(
    (function* () {
      for (let sent = 0; sent < chunks; sent += 1) yield CHUNK;
    })(),
  );

async function lengthOf(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of stream) length += chunk.length;
  return length;
}

const CHUNKS = 1_536;

describe('a body of 96 MB', () => {
  test('comes down in pieces, and is never in memory', async () => {
    const { url } = await provider((asked, response) => many(asked.url === '/first' ? 256 : CHUNKS).pipe(response));
    const agent = await door(wayTo(url));
    const down = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        request(agent.url + path, (answer) => void lengthOf(answer).then(resolve, reject)).end();
      });
    await down('/first');
    let length = 0;
    const grown = await growth(async () => {
      length = await down('/');
    });
    expect(length).toBe(CHUNKS * CHUNK.length);
    expect(grown).toBeLessThan(48 * MB);
  });

  test('goes up in pieces, and is never in memory', async () => {
    const { url } = await provider(async (asked, response) => void response.end(String(await lengthOf(asked))));
    const agent = await door(wayTo(url));
    const grown = await growth(async () => {
      const upload = request(agent.url, { method: 'POST' });
      const answered = new Promise<IncomingMessage>((resolve) => upload.once('response', resolve));
      many(CHUNKS).pipe(upload);
      expect((await (await answered).setEncoding('utf8').toArray()).join('')).toBe(String(CHUNKS * CHUNK.length));
    });
    expect(grown).toBeLessThan(48 * MB);
  });
});

describe('an agent that does not read', () => {
  /** A provider that sends for as long as it is taken, and says how much that was. */
  async function endless() {
    let closed = false;
    let taken = 0;
    const { url } = await provider(async (_, response: ServerResponse) => {
      response.once('close', () => {
        closed = true;
      });
      while (!closed) {
        taken += CHUNK.length;
        if (!response.write(CHUNK)) await Promise.race([new Promise((go) => response.once('drain', go)), pause(2_000)]);
      }
    });
    return { url, taken: () => taken, closed: () => closed };
  }

  test('holds the provider back, is waited for only so long, and is let go at both ends', async () => {
    const { url, taken, closed } = await endless();
    const agent = connectTo((await door(wayTo(url, {}, { ...BOUNDS, stallMs: 300 }))).port);
    agent.pause();
    agent.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await expect.poll(closed).toBe(true);
    expect(taken()).toBeLessThan(64 * MB);
  });

  test('for a while, and then does, gets all of it', async () => {
    const { url } = await provider((_, response) => many(160).pipe(response));
    const { port } = await door(wayTo(url, {}, { ...BOUNDS, stallMs: 3_000 }));
    const agent = connectTo(port);
    agent.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    agent.pause();
    await pause(300);
    expect(await lengthOf(agent)).toBeGreaterThan(160 * CHUNK.length);
  });
});

describe('when every connection is busy', () => {
  test('a call waits a little and is told, and the next one finds the connection that came free', async () => {
    const waiting: ServerResponse[] = [];
    const { url, seen } = await provider((asked, response) => {
      if (asked.url === '/slow') waiting.push(response);
      else response.end('ok');
    });
    const { upstream } = wayTo(url, {}, { ...BOUNDS, connections: 2, queueMs: 100 });
    const slow = [1, 2].map(() => upstream.call({ operation: get('/slow') }));
    await expect.poll(() => waiting.length).toBe(2);
    await expect(upstream.call({ operation: get('/') })).rejects.toMatchObject({ code: 'target_unreachable' });
    expect(seen).toHaveLength(2);
    const queued = upstream.call({ operation: get('/') });
    for (const response of waiting) response.end('at last');
    expect((await queued).body).toBe('ok');
    for (const one of slow) expect((await one).body).toBe('at last');
    for (let calls = 0; calls < 5; calls += 1) await upstream.call({ operation: get('/') });
  });

  test('an upload that is slow but goes on is not broken off', async () => {
    const { url } = await provider(async (asked, response) => void response.end(String(await lengthOf(asked))));
    const way = wayTo(url, {}, { ...BOUNDS, connections: 1, queueMs: 50, stallMs: 50 });
    const upload = request((await door(way)).url, { method: 'POST' });
    const answered = new Promise<IncomingMessage>((resolve) => upload.once('response', resolve));
    for (let sent = 0; sent < 4; sent += 1) {
      upload.write('x');
      await pause(60);
    }
    upload.end();
    expect((await (await answered).setEncoding('utf8').toArray()).join('')).toBe('4');
  });
});

describe('one call is one call', () => {
  const SMUGGLED = 'DELETE /everything HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n';

  test('a body that the provider does not read becomes nobody’s next call on that connection (T51)', async () => {
    const lines = new Map<unknown, number>();
    const { url, sockets } = await rawProvider((socket, bytes) => {
      lines.set(socket, (lines.get(socket) ?? 0) + (bytes.match(/^(?:GET|POST) .* HTTP\/1\.1\r$/gm)?.length ?? 0));
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok');
    });
    const way = wayTo(url, {}, { ...BOUNDS, connections: 1 });
    const { url: agent } = await door(way);
    await fetch(agent, { method: 'POST', body: SMUGGLED }).then((answer) => answer.text());
    await way.upstream.call({ operation: { method: 'POST', path: '/', body: SMUGGLED, contentType: 'text/plain' } });
    await way.upstream.call({ operation: get('/') });
    expect(sockets.size).toBe(3);
    expect([...lines.values()]).toEqual([1, 1, 1]);
  });

  test('calls without a body, and GraphQL’s, share a connection', async () => {
    const { url, seen } = await provider((asked, response) => {
      asked.resume().once('end', () => response.end('{}'));
    });
    const { upstream } = wayTo(url, {}, { ...BOUNDS, connections: 1 });
    await upstream.call({ operation: get('/') });
    for (let calls = 0; calls < 3; calls += 1)
      await upstream.call({ operation: { query: '{ me }', variables: {}, operationName: null } as never });
    expect(new Set(seen.map(({ socket }) => socket)).size).toBe(1);
  });

  test.each(['POST', 'DELETE', 'GET'] as const)('a %s whose connection breaks is sent once', async (method) => {
    let sent = 0;
    const { url } = await rawProvider((socket, bytes) => {
      if (bytes.includes('/first')) return void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      sent += 1;
      socket.destroy();
    });
    const { upstream } = wayTo(url, {}, { ...BOUNDS, connections: 1 });
    await upstream.call({ operation: get('/first') });
    const call = upstream.call({ operation: { method, path: '/change' } });
    await expect(call).rejects.toMatchObject({ code: 'target_unreachable' });
    await pause(50);
    expect(sent).toBe(1);
  });

  test('a call is asked for when a connection is free, and not before it waited for one (P7)', async () => {
    const asked: string[] = [];
    let finish: () => void = () => undefined;
    const { url, seen } = await provider((_, response) => {
      finish = () => void response.end('ok');
    });
    const { upstream } = wayTo(url, {}, { ...BOUNDS, connections: 1 });
    const first = upstream.call({ operation: get('/first'), beforeSend: () => void asked.push('first') });
    await expect.poll(() => seen.length).toBe(1);
    const stale = (): void => {
      asked.push('second');
      refuse('unavailable', 'Too old by now.');
    };
    const second = upstream.call({ operation: get('/second'), beforeSend: stale });
    second.catch(() => undefined);
    await pause(50);
    expect(asked).toEqual(['first']);
    finish();
    await first;
    await expect(second).rejects.toMatchObject({ code: 'unavailable', message: 'Too old by now.' });
    expect(asked).toEqual(['first', 'second']);
    expect(seen).toHaveLength(1);
    // Its place is free again.
    const third = upstream.call({ operation: get('/third') });
    await expect.poll(() => seen.length).toBe(2);
    finish();
    expect(await third).toMatchObject({ status: 200 });
  });

  test('a call whose agent has hung up before its turn is not made', async () => {
    const { url, seen } = await provider((_, response) => response.end('ok'));
    const { upstream } = wayTo(url);
    const gone = { destroyed: true, once: () => gone, on: () => gone, off: () => gone } as unknown as ServerResponse;
    await expect(upstream.stream({ operation: get('/') }, null, gone, [])).rejects.toMatchObject({
      code: 'target_unreachable',
    });
    expect(seen).toEqual([]);
  });
});

test('a secret cut in two by the provider’s packets does not come out in two', async () => {
  const { url } = await provider(async (_, response) => {
    response.write(`{"a":"${SECRET.slice(0, 9)}`);
    await pause(30);
    response.end(`${SECRET.slice(9)}"}`);
  });
  expect(await (await fetch((await door(wayTo(url))).url)).text()).toBe('{"a":"[redacted]"}');
});
