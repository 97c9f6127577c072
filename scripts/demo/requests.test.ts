import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { cancelOpen, openRequests } from './requests';

test('What the demo left open is cancelled by its agent, and what was decided stays', async () => {
  const cancelled: string[] = [];
  const states = { one: 'pending', two: 'pending', three: 'approved', four: 'denied' };
  const server = createServer((request, answer) => {
    const { method, url = '', headers } = request;
    if (headers.authorization !== 'Bearer cs_ask_x') return void answer.writeHead(401).end();
    if (method === 'POST') {
      cancelled.push(url);
      return void answer.end('{}');
    }
    const items = Object.entries(states).map(([id, state]) => {
      const cancel = state === 'pending' ? `http://${headers.host}/${id}/cancel` : null;
      return { id, state, links: { cancel } };
    });
    answer.end(JSON.stringify({ items }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const settings = { webOrigin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  expect((await openRequests(settings, 'cs_ask_x')).map(({ id }) => id)).toEqual(['one', 'two']);
  await cancelOpen(settings, 'cs_ask_x');
  server.close();
  expect(cancelled).toEqual(['/one/cancel', '/two/cancel']);
});
