import type { SignedTarget } from '#lib/authority';
import { DomainError, digestOf, inFull } from '#lib/core';
import { type Look as LookRow, type Request, transact } from '#lib/db';
import { dangerOfActs, requirementsOf } from '#lib/policy';
import { profileHash } from '#lib/profiles';
import { askDigest, Look, openRecord } from '#lib/records';
import { askOf, markPrepared, refusePrepared } from '#lib/requests';
import type { Preview } from '#lib/statement';
import { type Ask, checkAsk, isUpstream } from '#lib/targets';
import type { Warden } from '../context';
import { askerOf, sealPreview } from './seal';

/**
 * Takes in what the gateway found out about a request at a provider: signed by
 * its key, of this very ask, by the target's own profile. Whatever else a row
 * says is an alarm, and the request waits on.
 */
export async function takeLook(warden: Warden, row: LookRow): Promise<void> {
  const request = await warden.db.request.findUnique({ where: { id: row.subjectId } });
  if (request?.state !== 'preparing') return;
  const authority = await warden.authority.current(warden.db);
  const signed = authority.targets.get(request.targetId);
  const key = warden.gateways.key(authority);
  if (signed === undefined || !isUpstream(signed.config) || key === null) return;
  const look = openRecord(key, 'look', Look, row);
  const fault =
    look === null ? 'it is not signed with the gateway’s key that counts now' : faultOf(look, request, signed);
  if (look === null || fault !== null) return refuseLook(warden, request, fault ?? '');
  await conclude(warden, request, signed, look);
}

function refuseLook({ alarms }: Warden, { id }: Request, fault: string): void {
  alarms.raise('tampering', `A look of the gateway at request ${id} does not count: ${fault}. See who changed what.`);
}

function faultOf(look: Look, request: Request, { config, chainHash }: SignedTarget): string | null {
  const ask = askOf(request);
  if (!isUpstream(config)) return 'its target is not behind the gateway';
  if (look.requestId !== request.id) return 'it is of another request';
  if (look.ask !== askDigest(request.id, request.agentId, request.targetId, ask)) return 'it is of another ask';
  if (look.targetChainHash !== chainHash) return 'it is of another target';
  if (look.profileHash !== profileHash(config.profile)) return 'it is by another profile';
  if (look.outcome.kind !== 'found') return null;
  if (digestOf(look.outcome.operation) !== digestOf(ask.operation)) return 'it is of another operation';
  return look.outcome.danger < dangerIn(config, ask, look.outcome) ? 'it says less danger than its own acts' : null;
}

type Found = Extract<Look['outcome'], { kind: 'found' }>;

/** By the ask, and by what the gateway says it does: the graver of the two. */
const dangerIn = (config: SignedTarget['config'], ask: Ask, { acts, preview }: Found): number =>
  Math.max(requirementsOf(config, ask, preview).danger, dangerOfActs(acts));

async function conclude(warden: Warden, request: Request, { config }: SignedTarget, { outcome }: Look): Promise<void> {
  const reason = outcome.kind === 'refused' ? outcome.reason : await whyNot(warden, config, request);
  if (reason !== null) {
    await transact(warden.db, (tx, now) => refusePrepared(tx, now, request.id, reason.slice(0, 1_000)));
    return;
  }
  const ask = askOf(request);
  if (outcome.kind === 'found')
    return store(warden, request, { ...outcome.preview, by: 'gateway' }, dangerIn(config, ask, outcome));
  const preview = { ...nobodyLooked(config, ask, UNKNOWN), by: 'gateway', blocked: outcome.reason } as const;
  await store(warden, request, preview, requirementsOf(config, ask, preview).danger);
}

/** What the target cannot grant at all, or nobody's key has registered the agent, in words; null where neither is so. */
async function whyNot(warden: Warden, config: SignedTarget['config'], request: Request): Promise<string | null> {
  try {
    askerOf(await warden.authority.current(warden.db), request);
    checkAsk(config, askOf(request));
    return null;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return inFull(error);
  }
}

async function store(warden: Warden, request: Request, preview: Preview, danger: number): Promise<void> {
  const by = preview.by ?? 'nobody';
  const asker = askerOf(await warden.authority.current(warden.db), request);
  const seal = sealPreview(warden.vault, request, asker, preview);
  const found = { preview, seal, danger, by } as const;
  await transact(warden.db, (tx, now) => markPrepared(tx, now, request.id, found));
}

/** A look that does not come in this time is no reason to keep people waiting. */
export const LOOK_SECONDS = 60;

/** Nobody looked in time: people decide, and are told that nobody knows what it would do (P7). */
export async function prepareUnknown(warden: Warden, request: Request, { config }: SignedTarget): Promise<void> {
  const ask = askOf(request);
  const reason = await whyNot(warden, config, request);
  if (reason !== null) {
    await transact(warden.db, (tx, now) => refusePrepared(tx, now, request.id, reason.slice(0, 1_000)));
    return;
  }
  const preview = nobodyLooked(config, ask, LATE);
  await store(warden, request, preview, requirementsOf(config, ask, preview).danger);
}

/** A provider's own word says which environment it is. */
const nobodyLooked = ({ name }: SignedTarget['config'], ask: Ask, warning: string): Preview => ({
  ...unknownPreview(name, ask, warning),
  ...{ environment: null, subject: null },
});

/** Where what was asked says so itself: the reason stands beside it. */
export const UNKNOWN = 'UNKNOWN: it could not be found out what this would touch.';

const LATE = 'UNKNOWN: the gateway has not looked within a minute, so nobody knows what this would touch.';

/** In place of what could not be found out. */
export const unknownPreview = (target: string, { resources, verbs, operation }: Ask, warning: string): Preview => ({
  effects: [
    operation === null
      ? `May ${verbs.join(', ')} ${resources.join(', ')} at ${target}.`
      : `Runs one operation at ${target}, once.`,
  ],
  touched: [],
  warnings: [warning],
  maxRows: null,
  plan: null,
  found: resources.map((resource) => ({ label: resource, values: null, weight: 'danger', bound: false })),
});
