import type { Authority, SignedTarget } from '#lib/authority';
import { addSeconds, DomainError } from '#lib/core';
import type { Approval, Grant, Request } from '#lib/db';
import { type AgentFacts, sameAgent } from '#lib/identity';
import { mayApprove, requirementsOf } from '#lib/policy';
import {
  type ApproveStatement,
  Assertion,
  challengeOf,
  openStatement,
  type RelyingParty,
  verifyAssertion,
} from '#lib/statement';
import { previewDigest } from './build';
import { grantUnchanged, requestUnchanged, sharedText } from './terms';

const notHeld = (cause: string): DomainError =>
  new DomainError('statement_refused', 'The approval does not hold. Nothing was minted.', { cause: new Error(cause) });

function no(cause: string): never {
  throw notHeld(cause);
}

/** What the signatures allow, taken from the signed bytes and from nowhere else. */
export interface Mintable {
  readonly statement: ApproveStatement;
  readonly target: SignedTarget;
  readonly approverIds: readonly string[];
}

/**
 * Everything the warden checks before it mints, from the signed bytes up:
 * each signature, each right to sign, one and the same request, the quorum,
 * the agent who collects, and that the rows still say what was signed.
 * Throws `statement_refused`; the cause says which step, for the log.
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
  const statements: ApproveStatement[] = [];
  for (const approval of approvals) statements.push(await verifyApproval(approval, authority, relyingParty));
  const statement = sameRequest(statements, request, grant);
  const target = signedTarget(authority, statement);
  const approverIds = quorum(statements, statement);
  if (!sameAgent(statement.request.agent, agent)) no('the agent collects with another token or key');
  if (now > collectUntil(statement)) no('past the window to collect that was signed');
  return { statement, target, approverIds };
}

/** One approval: its bytes, its signature, and the right of that person and key to sign it, as of now (T66). */
export async function verifyApproval(
  approval: Pick<Approval, 'statement' | 'assertion' | 'nonce' | 'humanId' | 'keyId' | 'requestId'>,
  authority: Authority,
  relyingParty: RelyingParty,
): Promise<ApproveStatement> {
  const statement = openStatement(approval.statement);
  if (statement.kind !== 'request.approve') return no('not an approval');
  const described =
    statement.nonce === approval.nonce &&
    statement.approver.id === approval.humanId &&
    statement.key.id === approval.keyId &&
    statement.request.id === approval.requestId;
  if (!described) no('the row does not describe the statement');
  const key = authority.keys.get(statement.key.id);
  const assertion = Assertion.safeParse(approval.assertion);
  if (key === undefined || !assertion.success) return no('no known key');
  await verifyAssertion({
    assertion: assertion.data,
    authenticator: { ...key, counter: 0n },
    challenge: challengeOf(approval.statement),
    relyingParty,
  });
  mayHaveSigned(statement, authority);
  return statement;
}

/** The person, the key, the policy and the preview are what the statement says they are. */
function mayHaveSigned(statement: ApproveStatement, authority: Authority): void {
  const human = authority.humans.get(statement.approver.id);
  const key = authority.keys.get(statement.key.id);
  const target = signedTarget(authority, statement);
  if (human === undefined || key === undefined || key.humanId !== human.id) throw notHeld('unknown approver');
  const requirements = requirementsOf(target.config, statement.request, statement.preview);
  if (statement.policy.hash !== requirements.policyHash) no('signed under another policy');
  if (statement.previewDigest !== previewDigest(statement.preview)) no('another preview');
  if (statement.limits.ttlSeconds > target.config.maxTtlSeconds) no('longer than the target allows');
  const refusal = mayApprove(
    requirements,
    {
      humanId: human.id,
      role: human.role,
      active: human.active,
      keyClass: key.class,
      keyActive: key.active,
    },
    {
      agentOwnerId: statement.request.agent.owner.id,
      soleOwnerMayApprove: target.config.soleOwnerMayApprove,
      otherApprovers: otherApprovers(authority, human.id, requirements.keyClass),
    },
  );
  if (refusal !== null) no(refusal);
}

/** How many people other than this one could approve with a key of that class. */
export function otherApprovers(authority: Authority, humanId: string, keyClass: 'hardware' | 'any'): number {
  const able = new Set(
    [...authority.keys.values()]
      .filter((key) => key.active && (keyClass === 'any' || key.class !== 'synced'))
      .map((key) => key.humanId),
  );
  return [...authority.humans.values()].filter(
    (human) => human.id !== humanId && human.active && human.role !== 'reviewer' && able.has(human.id),
  ).length;
}

function signedTarget(authority: Authority, statement: ApproveStatement): SignedTarget {
  const { id, chainHash, name, environment, kind } = statement.request.target;
  const target = authority.targets.get(id);
  const same =
    target?.active === true &&
    target.chainHash === chainHash &&
    target.config.name === name &&
    target.config.environment === environment &&
    target.config.kind === kind;
  return same && target !== undefined ? target : no('no such signed target');
}

/** All signed the same thing, and the rows were not changed afterwards (T3). */
function sameRequest(statements: readonly ApproveStatement[], request: Request, grant: Grant): ApproveStatement {
  const [first] = statements;
  if (first === undefined) return no('no approval');
  if (statements.some((other) => sharedText(other) !== sharedText(first))) no('the approvals differ');
  if (request.state !== 'approved' || request.id !== first.request.id || grant.requestId !== request.id)
    no('another request');
  if (!requestUnchanged(request, first)) no('the request row was changed after the signature');
  if (!grantUnchanged(grant, first)) no('the grant row was changed after the signature');
  return first;
}

/** M distinct people, not M keys (T16). */
function quorum(statements: readonly ApproveStatement[], first: ApproveStatement): string[] {
  const people = [...new Set(statements.map((statement) => statement.approver.id))];
  if (people.length < first.policy.quorum) no('too few people signed');
  return people;
}

/** The latest instant the signed bytes allow a first collection, whatever the rows say. */
const collectUntil = (statement: ApproveStatement): Date =>
  addSeconds(new Date(statement.expiresAt), statement.limits.cooldownSeconds + statement.limits.collectWithinSeconds);
