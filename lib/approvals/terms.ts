import { type CanonicalJson, canonicalText, type Json } from '#lib/core';
import type { Grant, Request } from '#lib/db';
import { askOf } from '#lib/requests';
import type { ApproveStatement } from '#lib/statement';
import type { Operation } from '#lib/targets';

/*
 * The one spelling of what a person signs of a request and of its grant. All
 * that compares a row with a signature or with the preview's seal does it here.
 */

/** Says of every column of a row whether a signature covers it. */
export type Coverage<Row> = Readonly<Record<keyof Row, 'signed' | 'unsigned'>>;

type Signed<C> = { [K in keyof C]: C[K] extends 'signed' ? K : never }[keyof C];

/**
 * A new column does not compile before it stands here. One that is `signed` does
 * not compile before the statement holds it too. The order is the order of the
 * bytes.
 */
const REQUEST = {
  agentId: 'signed',
  targetId: 'signed',
  resources: 'signed',
  verbs: 'signed',
  ttlSeconds: 'signed',
  maxUses: 'signed',
  reason: 'signed',
  ticketUrl: 'signed',
  operation: 'signed',
  // Compared by themselves: the statement names the request, and holds the preview and its digest.
  id: 'unsigned',
  preview: 'unsigned',
  // Made of the terms and the preview by the warden.
  previewSeal: 'unsigned',
  danger: 'unsigned',
  // The statement tells it as `filedAt`; nothing is granted by it.
  createdAt: 'unsigned',
  // How it was filed, and what became of it. Nothing is granted by them.
  held: 'unsigned',
  heldDigest: 'unsigned',
  idempotencyKey: 'unsigned',
  idempotencyHash: 'unsigned',
  decideBy: 'unsigned',
  state: 'unsigned',
  stateReason: 'unsigned',
  decidedAt: 'unsigned',
  decidedBy: 'unsigned',
  version: 'unsigned',
} as const satisfies Coverage<Request>;

const GRANT = {
  kind: 'signed',
  requestId: 'signed',
  agentId: 'signed',
  targetId: 'signed',
  resources: 'signed',
  verbs: 'signed',
  ttlSeconds: 'signed',
  maxUses: 'signed',
  // Its life: what the warden moves, and what the clock and the journal hold it to.
  id: 'unsigned',
  uses: 'unsigned',
  state: 'unsigned',
  endReason: 'unsigned',
  endedBy: 'unsigned',
  reference: 'unsigned',
  readyAt: 'unsigned',
  collectBy: 'unsigned',
  collectedAt: 'unsigned',
  expiresAt: 'unsigned',
  endingAt: 'unsigned',
  endedAt: 'unsigned',
  proof: 'unsigned',
  trouble: 'unsigned',
  attempts: 'unsigned',
  retryAt: 'unsigned',
  result: 'unsigned',
  createdAt: 'unsigned',
  version: 'unsigned',
} as const satisfies Coverage<Grant>;

type RequestColumn = Signed<typeof REQUEST>;
type GrantColumn = Signed<typeof GRANT>;

/** As much of a request's row as a signature covers. */
export type SignedColumns = Pick<Request, RequestColumn>;

type Terms<T> = { readonly [K in keyof T]: T[K] extends string[] ? readonly string[] : T[K] };
type RequestTerms = Terms<Omit<SignedColumns, 'operation'>> & { readonly operation: Operation | null };
type GrantTerms = Terms<Pick<Grant, GrantColumn>>;

/** Reads a request's terms from its row. Throws where the row's operation is malformed. */
const requestTerms = (row: SignedColumns): RequestTerms => {
  const { agentId, targetId, reason, ticketUrl } = row;
  return { agentId, targetId, reason, ticketUrl, ...askOf(row) };
};

function signedRequestTerms({ request, limits }: Pick<ApproveStatement, 'request' | 'limits'>): RequestTerms {
  const { agent, target, resources, verbs, operation, claims } = request;
  const { ttlSeconds, maxUses } = limits;
  return { agentId: agent.id, targetId: target.id, resources, verbs, ttlSeconds, maxUses, ...claims, operation };
}

/** The grant that a signed request makes: what its row must say, and what a new row is made of. */
export function signedGrantTerms({ request, limits }: Pick<ApproveStatement, 'request' | 'limits'>): GrantTerms & {
  readonly kind: 'elevated' | 'exact';
} {
  const { id: requestId, agent, target, resources, verbs, operation } = request;
  const { ttlSeconds, maxUses } = limits;
  const kind = operation === null ? 'elevated' : 'exact';
  return { kind, requestId, agentId: agent.id, targetId: target.id, resources, verbs, ttlSeconds, maxUses };
}

const columnsOf = <C extends Readonly<Record<string, 'signed' | 'unsigned'>>>(coverage: C): Array<Signed<C>> =>
  Object.keys(coverage).filter((column): column is Signed<C> & string => coverage[column] === 'signed');

const REQUEST_COLUMNS = columnsOf(REQUEST);
const GRANT_COLUMNS = columnsOf(GRANT);

const spellTerms = (terms: RequestTerms): Json[] => REQUEST_COLUMNS.map((column) => terms[column] as unknown as Json);

const spellGrant = (terms: GrantTerms): Json[] => GRANT_COLUMNS.map((column) => terms[column]);

/** Spells a request's terms as its row has them, for the bytes that a preview's seal binds. */
export const spellRequest = (row: SignedColumns): readonly Json[] => spellTerms(requestTerms(row));

/** Whether the request's row still says what was signed (T3). */
export const requestUnchanged = (row: SignedColumns, statement: ApproveStatement): boolean =>
  canonicalText(spellRequest(row)) === canonicalText(spellTerms(signedRequestTerms(statement)));

/** Whether the grant's row still says what was signed (T30, T47). */
export const grantUnchanged = (row: Pick<Grant, GrantColumn>, statement: ApproveStatement): boolean =>
  canonicalText(spellGrant(row)) === canonicalText(spellGrant(signedGrantTerms(statement)));

/**
 * The part of an approval that all approvers of a request must have signed
 * alike: everything but what makes it one person's signature at one time.
 */
export function sharedText(statement: ApproveStatement): CanonicalJson {
  const { nonce: _nonce, issuedAt: _from, expiresAt: _to, approver: _by, key: _key, log: _log, ...shared } = statement;
  return canonicalText(shared as unknown as Json);
}
