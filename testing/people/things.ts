import { newId, randomToken, sha256Base64url } from '#lib/core';
import type { Agent, Db, Grant, Prisma, Request, Target } from '#lib/db';
import type { PostgresConfig } from '#lib/targets';

/*
 * Only for tests: rows as the other process would have left them, put in as
 * the tables' owner. Each has what most tests want; the rest is said.
 */

const later = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

export function agent(owner: Db, ownerId: string, data: Partial<Agent> = {}): Promise<Agent> {
  const id = newId('agt');
  const token = sha256Base64url(randomToken());
  const row = {
    id,
    name: `bot-${id.slice(4, 12)}`,
    description: '',
    ownerId,
    tokenHash: token,
    tokenHint: 'abcd',
    state: 'active',
    expiresAt: later(90 * 24 * 60),
    ...data,
  };
  return owner.agent.create({ data: row as Prisma.AgentUncheckedCreateInput });
}

export function target(owner: Db, config: Partial<PostgresConfig> = {}): Promise<Target> {
  const id = newId('tgt');
  const full: PostgresConfig = {
    kind: 'postgres',
    name: `db-${id.slice(4, 12)}`,
    environment: 'staging',
    soleOwnerMayApprove: true,
    maxTtlSeconds: 3_600,
    host: 'db.example',
    port: 5_432,
    database: 'app',
    user: 'broker',
    tls: 'verify-full',
    schemas: ['public'],
    restReads: [],
    countRows: true,
    ...config,
  };
  const { name, kind, environment } = full;
  return owner.target.create({
    data: { id, name, kind, environment, config: full, state: 'active', chainHash: 'x'.repeat(43) },
  });
}

let requests = 0;

export function request(
  owner: Db,
  of: { agentId: string; targetId: string },
  data: Partial<Request> = {},
): Promise<Request> {
  const row = {
    id: newId('req'),
    ...of,
    resources: ['table/public.bookings'],
    verbs: ['update'],
    reason: 'Fix a booking.',
    // The same open ask twice is one ask; these are to be many.
    ttlSeconds: 60 + (requests++ % 3_540),
    state: 'pending',
    danger: 1,
    createdAt: later(0),
    decideBy: later(60),
    ...data,
  };
  return owner.request.create({ data: row as Prisma.RequestUncheckedCreateInput });
}

export function grant(
  owner: Db,
  of: { agentId: string; targetId: string; requestId: string },
  data: Partial<Grant> = {},
): Promise<Grant> {
  const row = {
    id: newId('grn'),
    ...of,
    kind: 'elevated',
    resources: ['table/public.bookings'],
    verbs: ['update'],
    ttlSeconds: 600,
    state: 'active',
    readyAt: later(0),
    collectBy: later(10),
    collectedAt: later(0),
    expiresAt: later(10),
    ...data,
  };
  return owner.grant.create({ data: row as Prisma.GrantUncheckedCreateInput });
}
