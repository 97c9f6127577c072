import { authorizeMint, type Mintable } from '#lib/approvals';
import type { Authority } from '#lib/authority';
import { DomainError, parseStrictJson, refuse, sha256Base64url } from '#lib/core';
import type { Approval, Grant } from '#lib/db';
import { type AgentFacts, sameAgent } from '#lib/identity';
import { openStatement } from '#lib/statement';
import { lastThaw } from '#warden/freeze';
import { endedMark } from '#warden/vault';
import type { Warden } from '../context';
import { voidGrant } from './void';

/** What everyone but the first is told. */
export const COLLECTED = 'This grant was used already: a credential is handed out once, and an operation runs once.';

/** What the signatures allow, in the words a driver takes. Nothing here comes from a row. */
export interface Approved extends Mintable {
  /** When it was held against them, by the database's clock. */
  readonly at: Date;
  /** Of every approval: spent once, whatever happens to the rows. */
  readonly nonces: readonly string[];
  readonly terms: {
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly maxUses: number | null;
    readonly comment: string;
  };
}

/**
 * Holds the grant against its signatures, the log and the journal. An approval
 * that does not hold now never will again: the grant is voided (T3).
 */
export async function authorize(
  warden: Warden,
  input: { readonly authority: Authority; readonly agent: AgentFacts; readonly grant: Grant; readonly now: Date },
): Promise<Approved> {
  const { signing, vault } = warden;
  const { grant, agent } = input;
  const { approvals, request, logged } = await evidenceOf(warden, grant.requestId ?? '');
  try {
    if (request === null) return refuseMint('the grant has no request');
    const mintable = await authorizeMint({ ...input, approvals, request, relyingParty: signing });
    if (!approvals.every((approval) => logHolds(logged, approval))) refuseMint('the log does not hold the approval');
    const nonces = approvals.map(({ nonce }) => nonce);
    if (nonces.some((nonce) => vault.spent.has(nonce)) || isOver(warden, grant, mintable))
      await refuseSpent(warden, grant);
    if (approvals.some((approval) => issuedAt(approval) <= lastThaw(input.authority)))
      await refuseThawed(warden, grant);
    return { ...mintable, at: input.now, nonces, terms: termsOf(mintable, grant.id, approvals) };
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'statement_refused') throw error;
    await voidGrant(warden, grant.id, doubtOf(error, approvals, agent));
    throw new DomainError('statement_refused', REFUSED, { cause: error.cause });
  }
}

/** Ended, or its request's grant did, whatever the rows say. */
const isOver = ({ vault }: Warden, { id }: Grant, { statement }: Mintable): boolean =>
  vault.stopped.has(id) || vault.spent.has(endedMark(statement.request.id));

/** Spent: by a collection that ran beside this one, or ended, before somebody put the grant back in time. */
async function refuseSpent({ db, vault }: Warden, { id }: Grant): Promise<never> {
  // Nobody's attack: its row could not be written yet.
  if (vault.stopped.unwritten.has(id)) refuse('gone', OVER);
  const ready = await db.grant.count({ where: { id, state: 'ready' } });
  return ready === 0 ? refuse('already_decided', COLLECTED) : refuseMint('minted from, or ended, before');
}

const issuedAt = ({ statement }: Approval): Date => new Date(openStatement(statement).issuedAt);

/** Nobody's attack: somebody stopped everything in between, and an owner's key ended that, not this approval. */
async function refuseThawed(warden: Warden, { id }: Grant): Promise<never> {
  await voidGrant(warden, id, null);
  return refuse(
    'gone',
    'Everything was frozen after this was approved, so it has to be approved again: file a new request.',
  );
}

const OVER = 'This grant is over. File a new request.';

/** Whatever the reason, it looks the same from outside (habit 6). */
const REFUSED = 'The approval does not hold. Nothing was minted, and this grant is void: file a new request.';

const refuseMint = (cause: string): never => refuse('statement_refused', REFUSED, { cause: new Error(cause) });

function termsOf({ statement }: Mintable, grantId: string, approvals: readonly Approval[]): Approved['terms'] {
  const { resources, verbs } = statement.request;
  const digests = approvals.map((approval) => sha256Base64url(approval.statement)).join(' ');
  return {
    resources,
    verbs,
    maxUses: statement.limits.maxUses,
    comment: `countersign ${grantId} ${statement.request.id} statement ${digests}`,
  };
}

/** What the database says about a request. None of it is believed. */
async function evidenceOf({ db }: Warden, requestId: string) {
  const [approvals, request, logged] = await Promise.all([
    db.approval.findMany({ where: { requestId }, orderBy: { createdAt: 'asc' } }),
    db.request.findUnique({ where: { id: requestId } }),
    db.auditEvent.findMany({ where: { requestId, kind: 'request.approved' }, select: { body: true } }),
  ]);
  return { approvals, request, logged };
}

/** Nothing is minted before the log holds each approval, by the digest of its bytes (P4). */
function logHolds(logged: ReadonlyArray<{ readonly body: string }>, { id, statement }: Approval): boolean {
  return logged.some(({ body }) => {
    const { data } = parseStrictJson(body) as { data?: { approvalId?: string; statementDigest?: string } };
    return data?.approvalId === id && data.statementDigest === sha256Base64url(statement);
  });
}

/**
 * Uses the statements up, outside the database. Check and write are one step of
 * this process: of two collections of a grant that was put back in time, one wins.
 */
export async function spend(warden: Warden, grant: Grant, approved: Approved): Promise<void> {
  const { spent } = warden.vault;
  if (approved.nonces.some((nonce) => spent.has(nonce))) {
    await voidGrant(warden, grant.id, 'it was minted from before');
    refuseMint('minted from before');
  }
  // Its end was decided while somebody's lock kept this waiting.
  if (isOver(warden, grant, approved)) {
    await voidGrant(warden, grant.id, null);
    refuse('gone', OVER);
  }
  spent.add(...approved.nonces);
}

/** Why an alarm is raised, or null: an agent whose owner changed its token or key since is nobody's attack. */
function doubtOf(error: DomainError, approvals: readonly Approval[], agent: AgentFacts): string | null {
  if (approvals.some((approval) => signedBeforeChange(approval, agent))) return null;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function signedBeforeChange(approval: Approval, agent: AgentFacts): boolean {
  try {
    const statement = openStatement(approval.statement);
    if (statement.kind !== 'request.approve') return false;
    const signed = statement.request.agent;
    return signed.id === agent.id && !sameAgent(signed, agent);
  } catch {
    return false;
  }
}
