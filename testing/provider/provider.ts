import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Only for tests: a provider that lives in this process. It wants its secret on
 * every call, and can be made to err, to hang up and to say nothing.
 */

/** A provider. Changing `world` changes what it answers. */
export interface CastUpstream<World> {
  readonly url: string;
  /** Of a GraphQL provider: its schema. */
  readonly sdl: string;
  /** A canary: it must show up nowhere but here (T34). */
  readonly secret: string;
  readonly world: World;
  /** Every call that came in with the secret, in order: method, path and body. */
  readonly received: string[];
  /** What was changed, in order: `volumeDelete vol_1`, `DELETE /things/1`. */
  readonly changes: string[];
  /** What it does with calls that contain the text: from now on until said otherwise. */
  misbehave(text: string, how: 'error' | 'cut' | 'cut after' | 'silence' | null): void;
  close(): Promise<void>;
}

interface Came {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  change(what: string): void;
}

interface Goes {
  readonly status: number;
  readonly body: string;
}

type Serve = (came: Came) => Promise<Goes>;
type Manner = Exclude<Parameters<CastUpstream<unknown>['misbehave']>[1], null>;

/** Serves on a port of 127.0.0.1. `path` is where its API begins. */
export async function provider<World>(
  world: World,
  { path, sdl }: { path: string; sdl: string },
  serve: Serve,
): Promise<CastUpstream<World>> {
  const secret = `canary-${randomBytes(18).toString('hex')}`;
  const [received, changes]: [string[], string[]] = [[], []];
  const manners = new Map<string, Manner>();
  const server = createServer((request, response) => {
    void answer({ secret, received, changes, manners, serve }, request, response).catch(() => response.destroy());
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}${path === '' ? '/' : path}`,
    ...{ secret, world, received, changes, sdl },
    misbehave(text, how) {
      if (how === null) manners.delete(text);
      else manners.set(text, how);
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

interface Parts {
  readonly secret: string;
  readonly received: string[];
  readonly changes: string[];
  readonly manners: ReadonlyMap<string, Manner>;
  readonly serve: Serve;
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: path = '', headers } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  if (headers.authorization !== `Bearer ${parts.secret}`)
    return send(response, 401, JSON.stringify({ errors: [{ message: 'Not Authorized' }] }));
  const [, how] = [...parts.manners].find(([text]) => `${method} ${path} ${body}`.includes(text)) ?? [];
  parts.received.push(`${method} ${path} ${body}`.trim());
  if (how === 'silence') return;
  if (how === 'cut') return void response.destroy();
  if (how === 'error')
    return send(response, 200, JSON.stringify({ data: null, errors: [{ message: `It failed: ${parts.secret}` }] }));
  const goes = await parts.serve({ method, path, body, change: (what) => void parts.changes.push(what) });
  if (how === 'cut after') return void response.destroy();
  send(response, goes.status, goes.body);
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
