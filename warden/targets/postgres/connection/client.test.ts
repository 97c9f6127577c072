import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { databaseConfig } from '#testing/warden';
import { createPools } from './connection';

/* The password goes nowhere in clear, and no packet goes where clouds hand out keys (T56, T86). */

const PASSWORD = 'canary-6b1f+broker';
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An Authentication message of PostgreSQL's protocol, version 3. */
function authentication(code: number, rest = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.write('R');
  head.writeInt32BE(8 + rest.length, 1);
  head.writeInt32BE(code, 5);
  return Buffer.concat([head, rest]);
}

const ASKS = {
  'the password itself': authentication(3),
  'an MD5 hash of the password': authentication(5, Buffer.from('salt')),
};

/** Somebody else's server at the target's address: asks, and keeps all it is told. */
async function rogue(asks: Buffer): Promise<{ readonly port: number; heard(): Buffer }> {
  const heard: Buffer[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard.push(bytes);
      socket.write(asks);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, heard: () => Buffer.concat(heard) };
}

const brokerAt = (host: string, port: number) =>
  createPools().broker(databaseConfig({ host, port, database: 'company', user: 'broker' }), PASSWORD);

describe('A server that asks for what it should not see', () => {
  test.each(Object.entries(ASKS))('is not told %s, and who runs it is told what to do (T86)', async (what, asks) => {
    const { port, heard } = await rogue(asks);
    const broker = brokerAt('127.0.0.1', port);
    for (const asking of [
      broker.run((client) => client.query('SELECT 1')),
      broker.elsewhere('postgres', (client) => client.query('SELECT 1')),
    ])
      await expect(asking).rejects.toMatchObject({
        code: 'target_refused',
        message: expect.stringMatching(new RegExp(`asks for ${what}\\. It is not sent\\. .*scram-sha-256`)),
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard().toString('latin1')).toContain('broker');
    // A password message begins with p: nothing of the kind came, not even an empty one.
    expect(heard().toString('latin1')).not.toContain(PASSWORD);
    expect(heard().includes(Buffer.from('md5'))).toBe(false);
    expect(heard().includes(Buffer.from([0x70, 0, 0, 0]))).toBe(false);
  });
});

describe('Where clouds hand out keys', () => {
  // Spellings that are no address to us and one to the resolver.
  test.each([
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '::ffff:a9fe:a9fe',
  ])('no packet goes to %s, however it is spelled', async (host) => {
    const began = performance.now();
    await expect(brokerAt(host, 5432).run((client) => client.query('SELECT 1'))).rejects.toMatchObject({
      code: 'target_refused',
      message: expect.stringContaining('asks its cloud for keys'),
    });
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});
