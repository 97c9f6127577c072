import { checksummedToken, type Json, newId, sha256Base64url } from '#lib/core';
import { connect, type Db, listen } from '#lib/db';
import { freshDatabase } from '#testing/database';
import { webEnvOf } from '#testing/people';
import { provideWeb } from '#testing/web';

/*
 * Only for tests: a database of its own, two agents, two targets, and a way to
 * call the routes as Next.js would.
 */

export const POSTGRES_TARGET = {
  kind: 'postgres',
  name: 'sample',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  host: 'localhost',
  port: 5432,
  database: 'booking',
  user: 'broker',
  tls: 'disable',
  schemas: ['public'],
  restReads: ['schema/public'],
  countRows: true,
};

const TOKEN_TARGET = {
  kind: 'token',
  name: 'deploys',
  environment: 'production',
  soleOwnerMayApprove: false,
  maxTtlSeconds: 600,
  audience: 'https://deploy.example.com',
  resources: ['deploy/*'],
  verbs: ['start', 'destroy'],
  destructiveVerbs: ['destroy'],
  introspected: true,
  serviceTokenHash: 'x'.repeat(43),
};

export interface TestAgent {
  readonly id: string;
  readonly token: string;
}

type Handler = (request: Request, context: { params: Promise<{ id?: string } | undefined> }) => Promise<Response>;

/** Every route of v1: pattern, and the module Next.js would load for it. */
export const ROUTES: ReadonlyArray<readonly [pattern: RegExp, path: string, load: () => Promise<object>]> = [
  [/^\/me$/, '/me', () => import('../../app/api/v1/me/route')],
  [/^\/targets$/, '/targets', () => import('../../app/api/v1/targets/route')],
  [/^\/requests$/, '/requests', () => import('../../app/api/v1/requests/route')],
  [/^\/requests\/([^/]+)$/, '/requests/{id}', () => import('../../app/api/v1/requests/[id]/route')],
  [
    /^\/requests\/([^/]+)\/cancel$/,
    '/requests/{id}/cancel',
    () => import('../../app/api/v1/requests/[id]/cancel/route'),
  ],
  [/^\/grants$/, '/grants', () => import('../../app/api/v1/grants/route')],
  [/^\/grants\/([^/]+)$/, '/grants/{id}', () => import('../../app/api/v1/grants/[id]/route')],
  [/^\/grants\/([^/]+)\/return$/, '/grants/{id}/return', () => import('../../app/api/v1/grants/[id]/return/route')],
];

export interface CallOptions {
  readonly as?: TestAgent;
  /** Sent as it is when a string, as JSON otherwise. */
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Calls `METHOD /path` below /api/v1. */
let callers = 0;

export async function call(line: string, { as, body, headers = {}, signal }: CallOptions = {}): Promise<Response> {
  callers += 1;
  const [method = 'GET', path = '/'] = line.split(' ');
  const url = new URL(`http://localhost:3000/api/v1${path}`);
  const [module, id] = await routeOf(url.pathname.slice('/api/v1'.length));
  const request = new Request(url, {
    method,
    headers: {
      // Everybody calls from somewhere else, unless a test says from where.
      'x-forwarded-for': `198.51.100.${callers}`,
      ...(as === undefined ? {} : { authorization: `Bearer ${as.token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const handler = module[method];
  if (handler === undefined) throw new Error(`no ${line}`);
  return handler(request, { params: Promise.resolve(id === undefined ? undefined : { id }) });
}

async function routeOf(path: string): Promise<[{ [method: string]: Handler }, string | undefined]> {
  for (const [pattern, , load] of ROUTES) {
    const match = pattern.exec(path);
    if (match !== null)
      return [
        (await load()) as { [method: string]: Handler },
        match[1] === undefined ? undefined : decodeURIComponent(match[1]),
      ];
  }
  throw new Error(`no route ${path}`);
}

export interface Stage {
  /** As the tables' owner: puts rows in as the warden's projection would. */
  readonly owner: Db;
  readonly warden: Db;
  readonly ada: TestAgent;
  readonly bob: TestAgent;
  readonly targetId: string;
  /** An agent more. */
  agent(name: string, state?: string): Promise<TestAgent>;
  close(): Promise<void>;
}

export async function stage(
  agentLimits: { filingsPerMinute?: number; callsPerSecond?: number; openRequests?: number } = {},
): Promise<Stage> {
  const urls = await freshDatabase();
  const [owner, warden, db, listener] = [
    connect(urls.ownerUrl),
    connect(urls.wardenUrl),
    connect(urls.webUrl),
    listen(urls.webUrl),
  ];
  provideWeb({
    db,
    listener,
    env: {
      ...webEnvOf(urls.webUrl),
      agentLimits: { filingsPerMinute: 10_000, callsPerSecond: 10_000, openRequests: 10_000, ...agentLimits },
    },
  });
  const human = { id: newId('hum'), name: 'Olga', email: 'olga@example.com', role: 'owner', state: 'active' };
  await owner.human.create({ data: human });
  const targetId = newId('tgt');
  for (const [id, config] of [
    [targetId, POSTGRES_TARGET],
    [newId('tgt'), TOKEN_TARGET],
  ] as const) {
    const { name, kind, environment } = config;
    await owner.target.create({
      data: { id, name, kind, environment, config, state: 'active', chainHash: 'c'.repeat(43) },
    });
  }
  const agent = async (name: string, state = 'active'): Promise<TestAgent> => {
    const [id, token] = [newId('agt'), checksummedToken('ask')];
    await owner.agent.create({
      data: {
        id,
        name,
        description: '',
        ownerId: human.id,
        tokenHash: sha256Base64url(token),
        tokenHint: token.slice(-4),
        state,
        expiresAt: new Date(Date.now() + 86_400_000),
      },
    });
    return { id, token };
  };
  return {
    owner,
    warden,
    targetId,
    agent,
    ada: await agent('ada'),
    bob: await agent('bob'),
    close: async () => {
      await listener.close();
      await Promise.all([owner.$disconnect(), warden.$disconnect(), db.$disconnect()]);
    },
  };
}

let count = 0;

/** A filing that is unlike every other. */
export const filing = (more: { readonly [field: string]: Json } = {}): { [field: string]: Json } => {
  count += 1;
  return {
    target: 'sample',
    resources: ['table/public.bookings'],
    verbs: ['update'],
    ttlSeconds: 60 + (count % 3_000),
    reason: 'Mark booking 17 as paid.',
    ...more,
  };
};

/** Files and returns the resource. */
export async function filed(
  as: TestAgent,
  more: { readonly [field: string]: Json } = {},
): Promise<{ id: string; state: string }> {
  const response = await call('POST /requests', { as, body: filing(more) });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json()) as { id: string; state: string };
}
