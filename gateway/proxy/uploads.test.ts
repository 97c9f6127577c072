import { createServer, request as raw, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { httpConfig } from '#testing/provider';
import { addTarget, allowRest, approve, collect, file, type House, newAgent, openHouse } from '#testing/warden';

/*
 * Bodies that are slow, and bodies that are large, through a gateway whose
 * patience is a test's.
 */

const PIECE = Buffer.alloc(65_536, 'x');
const LARGE_BYTES = 64 * 1_048_576;

let house: House;
let copy: Awaited<ReturnType<House['anotherCopy']>>;
let provider: Server;
let reader: string;
let writer: string;
/** Bytes that reached the provider. */
let arrivedBytes = 0;

const pieces = (sizeBytes: number): Readable =>
  Readable.from(
    (function* () {
      for (let sent = 0; sent < sizeBytes; sent += PIECE.length) yield PIECE;
    })(),
    { objectMode: false },
  );

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

beforeAll(async () => {
  house = await openHouse();
  provider = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      arrivedBytes += chunk.length;
    });
    if (request.method === 'GET') pieces(LARGE_BYTES).pipe(response);
    else request.on('end', () => response.end('kept'));
  });
  const url = `http://127.0.0.1:${await listening(provider)}/`;
  const targetId = await addTarget(house, httpConfig(url, { opens: ['GET /v1/large'] }), 'canary-of-the-uploads');
  const agent = await newAgent(house);
  await allowRest(house, agent, targetId);
  const grantId = await approve(
    house,
    await file(house, agent, targetId, { resources: ['path/v1/large'], verbs: ['put'] }),
  );
  reader = agent.token;
  writer = (await collect(house, grantId, { token: agent.collect })).body.credential.accessToken;
  copy = await house.anotherCopy('patient', { bodyTimes: { idleMs: 400, wholeMs: 1_000 } });
});
afterAll(async () => {
  await house.close();
  provider.closeAllConnections();
  provider.close();
});
beforeEach(() => {
  arrivedBytes = 0;
});

interface Came {
  readonly status: number;
  readonly sizeBytes: number;
}

/** Sends a body as `write` writes it, to the copy without patience or to the one as it is run. Null where the connection was cut. */
function send(method: string, token: string, body: Readable | null, port = copy.port): Promise<Came | null> {
  const headers = { host: new URL(house.origins.gateway).host, authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const call = raw({ host: '127.0.0.1', port, path: '/t/internal-api/v1/large', method, headers }, (answer) => {
      let sizeBytes = 0;
      answer.on('data', (chunk: Buffer) => {
        sizeBytes += chunk.length;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, sizeBytes }));
    });
    call.on('error', () => resolve(null));
    call.on('close', () => resolve(null));
    if (body === null) call.end();
    else body.on('error', () => undefined).pipe(call);
  });
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Pieces with a pause after each. */
const slowly = (count: number, pauseMs: number): Readable =>
  Readable.from(
    (async function* () {
      for (let sent = 0; sent < count; sent += 1) {
        yield Buffer.from('piece');
        await rest(pauseMs);
      }
    })(),
    { objectMode: false },
  );

describe('A body', () => {
  test('that keeps coming may take longer than any call, once it is let through', async () => {
    expect(await send('PUT', writer, slowly(20, 120))).toMatchObject({ status: 200 });
    expect(arrivedBytes).toBe(100);
  });

  test('that stops coming is cut off (T68)', async () => {
    const began = performance.now();
    expect(await send('PUT', writer, slowly(2, 10_000))).toBeNull();
    expect(performance.now() - began).toBeLessThan(6_000);
  });

  test('of somebody who was not let through may not take long, however steadily it comes (T68)', async () => {
    const began = performance.now();
    await send('PUT', 'cs_ask_nobody', slowly(40, 120));
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(arrivedBytes).toBe(0);
  });
});

describe('Sixty-four mebibytes', () => {
  /** The most memory more than before, MiB, while `work` went on. */
  async function growth(work: () => Promise<unknown>): Promise<number> {
    const before = process.memoryUsage().rss;
    let most = before;
    const looking = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    await work();
    clearInterval(looking);
    return (most - before) / 1_048_576;
  }

  test('pass upwards and downwards, whole, and are never all in memory', async () => {
    // Warden, gateway and provider are one process here, which this keeps busy: no call begins before the head is fresh.
    const port = Number(new URL(house.origins.gateway).port);
    const fresh = () => expect.poll(() => house.gateway.head.ageSeconds(), { timeout: 10_000 }).toBeLessThan(1);
    // Where the machine is busy the head may still age on the way: a call that is not let through is sent again.
    const up = async (): Promise<void> => {
      const sent = async () => {
        await fresh();
        arrivedBytes = 0;
        return send('PUT', writer, pieces(LARGE_BYTES), port);
      };
      await expect.poll(sent, { timeout: 50_000 }).toMatchObject({ status: 200 });
    };
    const down = async (): Promise<void> => {
      await fresh();
      expect(await send('GET', reader, null, port)).toEqual({ status: 200, sizeBytes: LARGE_BYTES });
    };
    // The first of each warms what is allocated once.
    await up();
    await down();
    const most = await growth(async () => {
      await up();
      await down();
    });
    expect(arrivedBytes).toBe(LARGE_BYTES);
    expect(most).toBeLessThan(48);
  }, 120_000);
});
