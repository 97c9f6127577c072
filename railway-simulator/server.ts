import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, graphql, Kind, parse } from 'graphql';
import { rootOf } from './resolvers';
import { SDL } from './schema';
import { type Places, rentalCompany, type World } from './world';

/*
 * This is a simulation of Railway, not Railway: its protocol, the relevant part
 * of its schema, and how it behaves when a volume is deleted, with a made-up
 * company inside and nothing of anybody's behind it.
 */

export interface RailwaySimulator {
  /** Where its API is. */
  readonly url: string;
  /** The blanket token: good for everything, as the real one was. */
  readonly token: string;
  readonly world: World;
  readonly places: Places;
  /** Root fields of every operation that came in with the token, in order: `mutation volumeDelete`. */
  readonly arrived: readonly string[];
  close(): Promise<void>;
}

/** `port` 0: any free one of 127.0.0.1. */
export async function startRailwaySimulator(port = 0): Promise<RailwaySimulator> {
  const schema = buildSchema(SDL);
  const token = randomUUID();
  const { world, places } = rentalCompany(new Date());
  const arrived: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    if (request.url !== '/graphql/v2' || request.method !== 'POST')
      return send(response, 404, { message: 'Not Found' });
    if (request.headers.authorization !== `Bearer ${token}`) return send(response, 200, NOT_AUTHORIZED);
    const { query = '', variables = {} } = JSON.parse(body) as { query?: string; variables?: Record<string, unknown> };
    arrived.push(...rootsOf(query));
    send(response, 200, await graphql({ schema, source: query, variableValues: variables, rootValue: rootOf(world) }));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => send(response, 400, { errors: [{ message: 'Bad Request' }] }));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}/graphql/v2`,
    token,
    world,
    places,
    arrived,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

const NOT_AUTHORIZED = {
  errors: [{ message: 'Not Authorized', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  data: null,
};

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function rootsOf(query: string): string[] {
  return parse(query).definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION
      ? one.selectionSet.selections.flatMap((root) =>
          root.kind === Kind.FIELD ? [`${one.operation} ${root.name.value}`] : [],
        )
      : [],
  );
}
