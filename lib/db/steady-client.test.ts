import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, connectHot, openLocks, transact } from './index';

/* A server that lets somebody in and goes away in the same breath. */

let server: Server;
let url: string;

const packet = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const LET_IN = packet('R', Buffer.alloc(4));
const READY = packet('Z', Buffer.from('I'));
const GOING = packet('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'));

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => void socket.end(Buffer.concat([LET_IN, READY, GOING])));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  url = `postgresql://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d?sslmode=disable`;
});
afterAll(() => void server.close());

test('A server that goes away as soon as it is ready fails what was asked, and nothing else', async () => {
  const [db, hot, locks] = [connect(url), connectHot(url), openLocks(url)];
  await expect(transact(db, async () => undefined)).rejects.toThrow();
  await expect(db.agent.count()).rejects.toThrow();
  await expect(hot.rows({ name: 'x', text: 'SELECT 1' }, [])).rejects.toThrow();
  await expect(locks.tryLock('x')).rejects.toThrow();
  await Promise.all([db.$disconnect(), hot.close(), locks.close()]);
});
