import { setTimeout as sleep } from 'node:timers/promises';
import { approveStatement, factsOf, recordApproval } from '#lib/approvals';
import { addSeconds, checksummedToken, iso, newId, sha256Base64url } from '#lib/core';
import { databaseNow, Prisma, transact } from '#lib/db';
import { type AgentFacts, describeAgent } from '#lib/identity';
import { requirementsOf } from '#lib/policy';
import { sealTo, secretContext } from '#lib/records';
import type { AgentSecrets, ApproveStatement, ChainStatement, Preview, RequestFacts } from '#lib/statement';
import { isUpstream, type PostgresConfig, restReadsOf, type TargetConfig, type TokenConfig } from '#lib/targets';
import { jwkThumbprint } from '#lib/tokens';
import { envelope, type Signer } from '#testing/people';
import { appendEntry, followNow } from '#warden/changes';
import type { Warden } from '../../warden/context';
import type { House } from './house';

/*
 * Only for tests: what people and agents do, without their pages.
 */

export interface TestAgent {
  readonly id: `agt_${string}`;
  /** What it asks with, at web and at the gateway. */
  readonly token: string;
  /** What it collects with, at the warden; its ask token where it has a key to prove beside it. */
  readonly collect: string;
}

/** What is known of an agent without a key. */
export const factsOfAgent = ({ id, token }: Pick<TestAgent, 'id' | 'token'>): AgentFacts => ({
  id,
  tokenHash: sha256Base64url(token),
  keyThumbprint: null,
});

const withoutHead = ['kind'] as const;
type Change = ChainStatement extends infer S
  ? S extends ChainStatement
    ? Omit<S, Exclude<keyof ReturnType<typeof envelope> | 'prev', (typeof withoutHead)[number]>>
    : never
  : never;

/** Signs a change of the authority and appends it. */
export async function change(
  { warden, ada, settled }: Pick<House, 'warden' | 'ada'> & Partial<Pick<House, 'settled'>>,
  what: Change,
  sealed: string | null = null,
  by: Signer = ada,
  { agoSeconds = 0 } = {},
): Promise<void> {
  const authority = await warden.authority.current(warden.db);
  const now = addSeconds(await databaseNow(warden.db), -agoSeconds);
  const statement = { ...envelope(by, now), prev: authority.head.hash, ...what } as ChainStatement;
  const { bytes, assertion } = by.sign(statement);
  await transact(warden.db, (tx, at) =>
    appendEntry(tx, at, { statement, bytes, assertion, sealed }, { authority, verifier: warden.signing }),
  );
  await followNow(warden);
  await settled?.();
}

export async function admit(house: House, newcomer: Signer): Promise<void> {
  const { human, key } = newcomer;
  await house.owner.human.create({ data: { ...human, state: 'waiting' } });
  await change(house, { kind: 'human.admit', human, enrolled: key } as Change);
}

/** Adds a target as an owner does. A provider's secret is sealed to the gateway. */
export async function addTarget(house: House, target: TargetConfig, secret = ''): Promise<string> {
  const targetId = newId('tgt');
  const sealed = isUpstream(target)
    ? await sealTo(house.keys.gatewayPublicKey, secretContext(targetId, target), secret)
    : house.warden.vault.seal(targetId, secret);
  const report = isUpstream(target) ? sha256Base64url('a report') : null;
  await change(house, { kind: 'target.add', targetId, target, secretDigest: sha256Base64url(sealed), report }, sealed);
  if (isUpstream(target)) await reported(house, targetId);
  return targetId;
}

/** The gateway looks at a new target by itself: what it asks there is over before the test begins. */
async function reported({ owner }: House, id: string): Promise<void> {
  const until = performance.now() + 10_000;
  const where = { id, report: { equals: Prisma.DbNull } };
  while (performance.now() < until && (await owner.target.count({ where })) > 0) await sleep(20);
}

export const databaseConfig = (
  place: { host: string; port: number; database: string; user: string },
  more: Partial<PostgresConfig> = {},
): PostgresConfig => ({
  kind: 'postgres',
  name: 'bookings',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  host: place.host,
  port: place.port,
  database: place.database,
  user: place.user,
  tls: 'disable',
  schemas: ['public'],
  restReads: ['table/public.bookings'],
  countRows: true,
  ...more,
});

export const serviceConfig = (serviceToken: string, more: Partial<TokenConfig> = {}): TokenConfig => ({
  kind: 'token',
  name: 'deploys',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 3_600,
  audience: 'https://deploys.example',
  resources: ['deploy/*'],
  verbs: ['start', 'stop'],
  destructiveVerbs: ['stop'],
  introspected: true,
  serviceTokenHash: sha256Base64url(serviceToken),
  ...more,
});

export const serviceToken = (): string => checksummedToken('svc');

/** Registers an agent with Ada's key. */
export async function newAgent(
  house: Pick<House, 'warden' | 'ada'> & Partial<Pick<House, 'settled'>>,
  publicJwk: object | null = null,
  by: Signer = house.ada,
  since: { readonly agoSeconds?: number } = {},
): Promise<TestAgent> {
  const { agent, shown } = newAgentFacts(by, publicJwk);
  await change(house, { kind: 'agent.register', agent }, null, by, since);
  return { id: agent.id, ...shown };
}

/** A new agent's facts as its owner signs them, and its secrets. */
export function newAgentFacts({ human }: Signer, publicJwk: object | null = null) {
  const id = newId('agt') as TestAgent['id'];
  const { secrets, shown } = newSecrets(publicJwk);
  const owner = { id: human.id as `hum_${string}`, name: human.name };
  return { agent: { id, name: `bot-${id.slice(4, 14)}`, description: '', owner, secrets }, shown };
}

function newSecrets(publicJwk: object | null) {
  const token = checksummedToken('ask');
  const collect = publicJwk === null ? checksummedToken('col') : null;
  const secrets: AgentSecrets = {
    tokenThumbprint: sha256Base64url(token),
    tokenHint: token.slice(-4),
    collectThumbprint: collect === null ? null : sha256Base64url(collect),
    publicJwk: publicJwk as AgentSecrets['publicJwk'],
    keyThumbprint: jwkThumbprint(publicJwk),
    expiresAt: iso(addSeconds(new Date(), 90 * 86_400)),
  };
  return { secrets, shown: { token, collect: collect ?? token } };
}

/** Gives an agent other secrets, and another key or none. Returns it with them. */
export async function rotate(
  house: House,
  { id }: Pick<TestAgent, 'id'>,
  publicJwk: object | null = null,
  by: Signer = house.ada,
): Promise<TestAgent> {
  const { warden } = house;
  const known = (await warden.authority.current(warden.db)).agents.get(id);
  if (known === undefined) throw new Error('no such agent');
  const { secrets, shown } = newSecrets(publicJwk);
  const owner = { id: by.human.id as `hum_${string}`, name: by.human.name };
  const keyBefore = known.keyThumbprint;
  await change(house, { kind: 'agent.rotate', agent: { id, name: known.name, owner }, secrets, keyBefore }, null, by);
  return { id, ...shown };
}

export async function allowRest(house: House, agent: TestAgent, targetId: string, ttlSeconds = 600): Promise<void> {
  const { warden } = house;
  const target = (await warden.authority.current(warden.db)).targets.get(targetId);
  if (target === undefined) throw new Error('no such target');
  const { name, kind, environment } = target.config;
  await change(house, {
    kind: 'rest.allow',
    agent: await described(warden, agent.id),
    reads: [...restReadsOf(target.config)],
    ttlSeconds,
    target: { id: targetId as `tgt_${string}`, name, kind, environment, chainHash: target.chainHash },
  });
}

/** An agent and its owner as the chain has them now. */
async function described(warden: Warden, id: string): Promise<RequestFacts['agent']> {
  const { agents, humans } = await warden.authority.current(warden.db);
  const agent = agents.get(id);
  const owner = humans.get(agent?.ownerId ?? '');
  if (agent === undefined || owner === undefined) throw new Error('no such agent');
  return describeAgent(agent, owner);
}

let filings = 0;

/** A request as web files it, waiting for its preview. Its length differs each time: the same open ask twice is one ask. */
export async function file(
  house: House,
  agent: TestAgent,
  targetId: string,
  ask: Partial<Prisma.RequestUncheckedCreateInput> = {},
): Promise<string> {
  const now = await databaseNow(house.warden.db);
  const id = newId('req');
  await house.owner.request.create({
    data: {
      id,
      agentId: agent.id,
      targetId,
      resources: ['table/public.bookings'],
      verbs: ['select', 'update'],
      ttlSeconds: 300 + (filings++ % 2_700),
      reason: 'Mark booking 17 as paid.',
      state: 'preparing',
      danger: 0,
      createdAt: now,
      decideBy: new Date(now.getTime() + 3_600_000),
      ...ask,
    },
  });
  return id;
}

const PREVIEW: Preview = { effects: ['May update bookings.'], touched: [], warnings: [], maxRows: null, plan: null };

/** Signs what is filed and records it. Without a preview, as if the warden had found this one. */
export async function approve(
  house: Pick<House, 'warden' | 'ada' | 'owner'>,
  requestId: string,
  {
    by = house.ada,
    alter = (statement) => statement,
    origin,
  }: { by?: Signer; alter?: (statement: ApproveStatement) => ApproveStatement; origin?: string } = {},
): Promise<string> {
  const { warden, owner } = house;
  await owner.request.updateMany({
    where: { id: requestId, state: 'preparing' },
    data: { state: 'pending', preview: PREVIEW as unknown as Prisma.InputJsonObject },
  });
  const statement = alter(await proposed(warden, requestId, by));
  const { bytes, assertion } = by.sign(statement, origin);
  const { grantId } = await transact(warden.db, (tx, now) => recordApproval(tx, now, { statement, bytes, assertion }));
  if (grantId === null) throw new Error('the quorum is not complete');
  warden.vault.granted.set(grantId, requestId);
  return grantId;
}

async function proposed(warden: Warden, requestId: string, by: Signer): Promise<ApproveStatement> {
  const authority = await warden.authority.current(warden.db);
  const request = await warden.db.request.findUniqueOrThrow({ where: { id: requestId } });
  const target = authority.targets.get(request.targetId);
  const key = authority.keys.get(by.key.id);
  if (target === undefined || key === undefined) throw new Error('not signed for');
  const { issuedAt, expiresAt, nonce, log } = envelope(by, await databaseNow(warden.db));
  return approveStatement({
    facts: factsOf(request, await described(warden, request.agentId), target),
    preview: request.preview as unknown as Preview,
    limits: { ttlSeconds: request.ttlSeconds, maxUses: request.maxUses },
    requirements: requirementsOf(target.config, request, request.preview as unknown as Preview),
    approver: { ...by.human, active: true },
    key,
    log,
    nonce,
    issuedAt: new Date(issuedAt),
    expiresAt: new Date(expiresAt),
  });
}
