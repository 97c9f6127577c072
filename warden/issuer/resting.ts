import { type Authority, restKey, type SignedRest, type SignedTarget } from '#lib/authority';
import { refuse, secondsBetween } from '#lib/core';
import { type Db, type Tx, transact } from '#lib/db';
import { collect, createGrant } from '#lib/grants';
import type { AgentFacts } from '#lib/identity';
import { isUpstream } from '#lib/targets';
import { frozen, refuseFrozen } from '#warden/freeze';
import type { Target } from '#warden/targets';
import { openTarget } from '#warden/targets';
import type { Warden } from '../context';
import type { Collected } from './collect';
import { mint } from './issue';
import { mintingAllowed, refuseUnready } from './preconditions';
import { recheckAgent } from './recheck';
import { stopGrant } from './void';

/** Resting credentials one agent may hold at one target at a time. */
const MAX_LIVE = 5;

interface Rest {
  readonly agent: AgentFacts;
  readonly signed: SignedRest;
  readonly target: SignedTarget;
}

/** Collects a credential that can only read what an owner's key listed for this agent. Nobody is asked again. */
export async function collectRest(warden: Warden, agent: AgentFacts, targetName: string): Promise<Collected> {
  const { authority } = await mintingAllowed(warden);
  const rest = restOf(authority, agent, targetName);
  const target = await openTarget(warden, rest.target);
  await refuseUnready(target, rest.signed.reads);
  const { prepared, ...taken } = await take(warden, rest, target);
  const terms = { resources: rest.signed.reads, verbs: ['select'], maxUses: null };
  const comment = `countersign ${taken.grant.id} resting, allowed by ${rest.signed.chainHash}`;
  const credential = await mint(warden, { target, prepared, agent, ...taken, ...terms, comment });
  await endIfOver(warden, rest, taken.grant.id);
  return { grantId: taken.grant.id, credential };
}

/** A target that is not there and one this agent may not read are the same answer (T46). */
function restOf(authority: Authority, agent: AgentFacts, targetName: string): Rest {
  const target = [...authority.targets.values()].find(({ active, config }) => active && config.name === targetName);
  const signed = target && authority.rests.get(restKey(agent.id, target.id));
  if (target === undefined || signed === undefined)
    return refuse('not_found', 'There is no target of that name that this agent may read at rest.');
  if (isUpstream(target.config))
    refuse('invalid_request', `There is nothing to collect: read through the gateway, at /t/${targetName}.`);
  return { agent, signed, target };
}

/**
 * Whoever froze everything, stopped this agent or took its reading away while the
 * target was asked must be heard (P9). What they ended then cannot have been what
 * did not exist yet.
 */
async function recheckRest(db: Db | Tx, warden: Warden, { agent, signed, target }: Rest): Promise<void> {
  const authority = await warden.authority.current(db);
  const { vault } = warden;
  if (await frozen({ db, vault }, authority)) refuseFrozen();
  await recheckAgent(db, warden, agent);
  const allowed = authority.rests.get(restKey(agent.id, target.id));
  if (allowed?.chainHash !== signed.chainHash || authority.targets.get(target.id)?.active !== true)
    refuse('not_allowed', 'What this agent may read at rest was changed meanwhile. Ask again.');
}

/** The same again when it is made: then it ends at once, and nobody gets it. */
async function endIfOver(warden: Warden, rest: Rest, grantId: string): Promise<void> {
  try {
    await recheckRest(warden.db, warden, rest);
  } catch (error) {
    await stopGrant(warden, grantId, { reason: 'revoked', by: 'warden' });
    throw error;
  }
}

async function take(warden: Warden, rest: Rest, target: Target) {
  const { agent, signed } = rest;
  const targetId = rest.target.id;
  return transact(warden.db, async (tx, now) => {
    await recheckRest(tx, warden, rest);
    await refuseTooMany(tx, now, agent.id, targetId);
    const { ttlSeconds, reads } = signed;
    const grantId = await createGrant(tx, now, {
      ...{ kind: 'resting' as const, requestId: null, agentId: agent.id, targetId },
      ...{ resources: reads, verbs: ['select'], ttlSeconds, maxUses: null },
      ...{ cooldownSeconds: 0, collectWithinSeconds: 60 },
    });
    const prepared = target.prepare(grantId);
    const { expiresAt } = await collect(tx, now, { id: grantId, ttlSeconds }, prepared.reference);
    await tx.sealed.create({ data: { ownerId: grantId, sealed: warden.vault.seal(grantId, prepared.secret) } });
    return { grant: { id: grantId, targetId }, prepared, mintedAt: now, expiresAt };
  });
}

/** Counted behind a lock, so that parallel calls cannot pass together. */
async function refuseTooMany(tx: Tx, now: Date, agentId: string, targetId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`rest ${agentId} ${targetId}`}, 0))`;
  const live = await tx.grant.findMany({
    where: { agentId, targetId, kind: 'resting', state: { in: ['ready', 'active', 'ending'] } },
    select: { expiresAt: true },
    orderBy: { expiresAt: 'asc' },
  });
  if (live.length < MAX_LIVE) return;
  const retryAfterSeconds = Math.max(1, secondsBetween(now, live[0]?.expiresAt ?? now));
  refuse(
    'rate_limited',
    `This agent holds ${live.length} resting credentials here already. Use one of them, or give one back.`,
    { retryAfterSeconds },
  );
}
