import type { Authority, SignedTarget } from '#lib/authority';
import { addSeconds } from '#lib/core';
import type { Approval, Grant, Request } from '#lib/db';
import { type AgentFacts, sameAgent } from '#lib/identity';
import type { ApproveStatement, RelyingParty } from '#lib/statement';
import { grantUnchanged, requestUnchanged, sharedText } from './terms';
import { refuseApproval, signedTarget, verifyApproval } from './verify';

/** What the signatures allow, taken from the signed bytes and from nowhere else. */
export interface Mintable {
  readonly statement: ApproveStatement;
  readonly target: SignedTarget;
  readonly approverIds: readonly string[];
}

/**
 * Decides whether a grant may be minted, from the signed bytes up. Nothing that
 * a row says is believed: rows are held against what was signed, and a row that
 * differs stops the mint (P3). Throws `statement_refused`; the cause says which
 * step, for the log.
 */
export async function authorizeMint(input: {
  readonly approvals: readonly Approval[];
  readonly authority: Authority;
  readonly relyingParty: RelyingParty;
  readonly request: Request;
  readonly grant: Grant;
  readonly agent: AgentFacts;
  readonly now: Date;
}): Promise<Mintable> {
  const { approvals, authority, relyingParty, request, grant, agent, now } = input;
  const statements = await verifyEach(approvals, authority, relyingParty);
  const statement = oneStatement(statements);
  const approverIds = quorum(statements, statement);
  refuseChangedRows(statement, request, grant);
  if (!sameAgent(statement.request.agent, agent)) refuseApproval('the agent collects with another token or key');
  if (now > collectUntil(statement)) refuseApproval('past the window to collect that was signed');
  return { statement, target: signedTarget(authority, statement), approverIds };
}

async function verifyEach(
  approvals: readonly Approval[],
  authority: Authority,
  relyingParty: RelyingParty,
): Promise<ApproveStatement[]> {
  const statements: ApproveStatement[] = [];
  for (const approval of approvals) statements.push(await verifyApproval(approval, authority, relyingParty));
  return statements;
}

/** What all of them signed. Two approvers of two different things approve neither. */
function oneStatement(statements: readonly ApproveStatement[]): ApproveStatement {
  const [first] = statements;
  if (first === undefined) return refuseApproval('no approval');
  const shared = sharedText(first);
  return statements.every((other) => sharedText(other) === shared) ? first : refuseApproval('the approvals differ');
}

/** M distinct people, not M keys (T16). */
function quorum(statements: readonly ApproveStatement[], { policy }: ApproveStatement): string[] {
  const people = [...new Set(statements.map(({ approver }) => approver.id))];
  return people.length < policy.quorum ? refuseApproval('too few people signed') : people;
}

/** The rows were not changed after the signature (T3, T30, T47). */
function refuseChangedRows(statement: ApproveStatement, request: Request, grant: Grant): void {
  if (request.state !== 'approved' || request.id !== statement.request.id) refuseApproval('another request');
  if (!requestUnchanged(request, statement)) refuseApproval('the request row was changed after the signature');
  if (!grantUnchanged(grant, statement)) refuseApproval('the grant row was changed after the signature');
}

/** The latest instant of a first collection that the signed bytes allow, whatever the rows say. */
const collectUntil = ({ expiresAt, limits }: ApproveStatement): Date =>
  addSeconds(new Date(expiresAt), limits.cooldownSeconds + limits.collectWithinSeconds);
