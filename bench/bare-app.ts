import { withClient } from '#scripts/postgres';
import { type Server, serve } from './servers';
import type { World } from './world';

/* A built Next.js app with one handler that commits a request row and an audit row: what filing is measured against. */

export interface BareApp {
  file(): Promise<Response>;
  stop(): Promise<void>;
}

export async function openBareApp({ urls }: World, port: number): Promise<BareApp> {
  await withClient(urls.owner, (client) =>
    client.query(`
    CREATE TABLE bare_requests (id bigserial PRIMARY KEY, reason text, created_at timestamptz DEFAULT now());
    CREATE TABLE bare_events (seq bigserial PRIMARY KEY, request_id bigint, body text);`),
  );
  const server: Server = await serve('bench/bare', port, { DATABASE_URL: urls.owner });
  return {
    stop: server.stop,
    file: () =>
      fetch(`${server.origin}/api/filing`, {
        method: 'POST',
        body: JSON.stringify({ reason: 'It is measured.' }),
        headers: { 'content-type': 'application/json' },
      }),
  };
}
