import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { refuse } from '#lib/core';
import { databaseNow } from '#lib/db';
import { failureLimit, keepConnections, problemBody, strictTransport } from '#lib/http/wire';
import type { SignWarden, Warden } from '../../context';
import { createSetup, type Setup } from '../registration/setup-code';
import { type Asset, loadAssets } from './assets';
import { readBody } from './body';
import { HEADERS } from './headers';
import { ROUTES } from './routes';

export interface SignServerOptions {
  /** Tells the person at the terminal where to begin. */
  readonly announce?: (setupUrl: string) => void;
  /** Folder of the built pages. */
  readonly pages?: string;
}

/** One JSON line, which the starter turns into words. */
const announceOnStdout = (url: string): void =>
  void process.stdout.write(`${JSON.stringify({ event: 'setup_link', url })}\n`);

/**
 * The sign origin: six static pages and the few calls they make. Reading never
 * changes anything; whatever changes something is a POST by its own page that
 * ends in a key's signature. Announces a set-up link once it listens, while
 * nobody has set it up.
 */
export function createSignServer(
  warden: SignWarden,
  { announce = announceOnStdout, pages = join(process.cwd(), 'dist/sign') }: SignServerOptions = {},
): Server {
  const assets = loadAssets(pages, join(process.cwd(), 'node_modules/geist/dist/fonts'));
  const setup = createSetup(warden, announce);
  const limits = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 20_000 };
  // Links that are over, and codes that are none.
  const onFailure = failureLimit(['gone', 'forbidden']);
  const transport = new Map(Object.entries(strictTransport(warden.origins.sign)));
  const server = createServer(limits, (request, response) => {
    response.setHeaders(transport);
    void serve({ warden, setup, assets, onFailure }, request, response);
  });
  return keepConnections(server).on('listening', setup.begin).on('close', setup.end);
}

interface Served {
  readonly warden: SignWarden;
  readonly setup: Setup;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly onFailure: ReturnType<typeof failureLimit>;
}

async function serve(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomBytes(16).toString('hex');
  // Read now: a body that is thrown away half read takes the connection's name with it.
  const remote = request.socket.remoteAddress ?? '';
  try {
    const asset = await answer(served, request);
    response.writeHead(200, {
      ...HEADERS,
      'content-type': asset.type,
      'content-length': asset.body.length,
      'x-request-id': requestId,
    });
    response.end(request.method === 'HEAD' ? undefined : asset.body);
  } catch (error) {
    const { status, headers, body } = problemBody(await served.onFailure(remote, error), requestId);
    response.writeHead(status, { ...HEADERS, ...headers, connection: 'close' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

async function answer(served: Served, request: IncomingMessage): Promise<Asset> {
  const { origins } = served.warden;
  const path = request.url ?? '';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && (path === '/readyz' || path === '/livez')) return health(served.warden, path);
  if (request.headers.host !== new URL(origins.sign).host)
    refuse('invalid_request', `This server answers at ${origins.sign} only.`);
  if (reads) return served.assets.get(path) ?? refuse('not_found', 'There is nothing here.');
  const route = request.method === 'POST' ? ROUTES.get(path) : undefined;
  if (route === undefined) return refuse('not_found', 'There is nothing here.');
  return json(await route({ warden: served.warden, setup: served.setup }, await readBody(request, origins.sign)));
}

async function health({ db }: Warden, path: string): Promise<Asset> {
  if (path === '/readyz') await databaseNow(db);
  return json({ ok: true });
}

const json = (value: unknown): Asset => ({ type: 'application/json', body: Buffer.from(JSON.stringify(value)) });
