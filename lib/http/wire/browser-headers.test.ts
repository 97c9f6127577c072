import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createAgentServer } from './agent-server';
import { GUARDED, permissionsPolicy } from './browser-headers';
import { BODY_TIMES, createPatience } from './limits';
import { log } from './log';
import { answer } from './reply';

async function headersOf(origin: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  const server = createAgentServer({
    ...{ origin, patience: createPatience(BODY_TIMES), log },
    async answer({ url }, response, id) {
      if (url === '/broken') throw new Error('broken');
      answer(response, id, {});
    },
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const headers = { host: new URL(origin).host };
      request({ port, path, headers }, (got) => void resolve(got.resume().headers))
        .on('error', reject)
        .end();
    });
  } finally {
    server.close().closeAllConnections();
  }
}

const STRICT = 'max-age=63072000';

test.each(['/', '/broken'])(
  'A door of agents tells browsers at %s what they must not do, and under TLS to come by TLS',
  async (path) => {
    const plain = await headersOf('http://agents.example', path);
    expect(plain).toMatchObject({ ...GUARDED, 'permissions-policy': permissionsPolicy([]) });
    expect(plain).not.toHaveProperty('strict-transport-security');
    expect(await headersOf('https://agents.example', path)).toMatchObject({
      ...GUARDED,
      'strict-transport-security': STRICT,
    });
  },
);
