import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepConnections } from './keep-alive';

let server: Server;
let client: Socket;
let seen = '';
let closed: Promise<unknown>;

beforeEach(async () => {
  seen = '';
  server = keepConnections(
    createServer((_, response) => void response.end('ok')),
    { toldMs: 1_000, heldMs: 5_000 },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('data', (bytes) => (seen += bytes.toString()));
  closed = once(client, 'close');
});
afterEach(() => {
  client.destroy();
  server.close();
});

const ask = (more = ''): boolean => client.write(`GET / HTTP/1.1\r\nHost: x\r\n${more}\r\n`);
const answers = (): number => seen.split('HTTP/1.1 200').length - 1;

test('A call that begins as the time is over that its client was told is answered', async () => {
  ask();
  await expect.poll(answers).toBe(1);
  expect(seen).toContain('Keep-Alive: timeout=1\r\n');
  await sleep(1_500);
  ask();
  await expect.poll(answers).toBe(2);
});

test('An idle connection is closed in the end', async () => {
  ask();
  const begun = performance.now();
  await closed;
  expect(performance.now() - begun).toBeGreaterThan(4_000);
});

test('A client that asks for its connection to be closed has it closed', async () => {
  ask('Connection: close\r\n');
  const begun = performance.now();
  await closed;
  expect(performance.now() - begun).toBeLessThan(4_000);
});

test('Several calls sent at once are answered, and then the connection is idle', async () => {
  for (let count = 0; count < 3; count += 1) ask();
  await expect.poll(answers).toBe(3);
  await sleep(1_500);
  ask();
  await expect.poll(answers).toBe(4);
});
