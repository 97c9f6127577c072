import type { Authority, SignedTarget } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Approval } from '#lib/db';
import { requirementsOf } from '#lib/policy';
import {
  type ApproveStatement,
  Assertion,
  challengeOf,
  openStatement,
  type RelyingParty,
  verifyAssertion,
} from '#lib/statement';
import { approverRefusal, targetAsSigned } from './approver';
import { previewDigest } from './preview-digest';

/** As much of an approval's row as is verified. */
export type ApprovalRow = Pick<Approval, 'statement' | 'assertion' | 'nonce' | 'humanId' | 'keyId' | 'requestId'>;

/**
 * Verifies one approval as of now (T66) and returns what was signed: canonical
 * bytes, the key's signature over them, and the right of that person and key to
 * approve just this. Throws `statement_refused`; the cause says which step, for
 * the log.
 */
export async function verifyApproval(
  approval: ApprovalRow,
  authority: Authority,
  relyingParty: RelyingParty,
): Promise<ApproveStatement> {
  const statement = openApproval(approval);
  await verifySignature(approval, statement, authority, relyingParty);
  refuseOtherRules(statement, authority);
  const by = { humanId: statement.approver.id, keyId: statement.key.id };
  const refusal = approverRefusal(authority, statement.request, statement.preview, by);
  if (refusal !== null) refuseApproval(`who signed may not approve this: ${refusal}`);
  return statement;
}

function openApproval({ statement: bytes, nonce, humanId, keyId, requestId }: ApprovalRow): ApproveStatement {
  const statement = openStatement(bytes);
  if (statement.kind !== 'request.approve') return refuseApproval('not an approval');
  const described =
    statement.nonce === nonce &&
    statement.approver.id === humanId &&
    statement.key.id === keyId &&
    statement.request.id === requestId;
  return described ? statement : refuseApproval('the row does not describe the statement');
}

/** The counter is not looked at: it has moved on since, and the nonce is what makes an approval count once. */
async function verifySignature(
  approval: ApprovalRow,
  statement: ApproveStatement,
  authority: Authority,
  relyingParty: RelyingParty,
): Promise<void> {
  const key = authority.keys.get(statement.key.id);
  const assertion = Assertion.safeParse(approval.assertion);
  if (key === undefined || !assertion.success) return refuseApproval('no known key');
  await verifyAssertion({
    assertion: assertion.data,
    authenticator: { ...key, counter: 0n },
    challenge: challengeOf(approval.statement),
    relyingParty,
  });
}

/** Policy, preview and limits are the ones in force: what was signed under others mints nothing. */
function refuseOtherRules(statement: ApproveStatement, authority: Authority): void {
  const { request, preview, limits, policy } = statement;
  const { config } = signedTarget(authority, statement);
  if (policy.hash !== requirementsOf(config, request, preview).policyHash)
    refuseApproval('signed under another policy');
  if (statement.previewDigest !== previewDigest(preview)) refuseApproval('another preview');
  if (limits.ttlSeconds > config.maxTtlSeconds) refuseApproval('longer than the target allows');
}

/** The target as the chain has it. Throws where it is not the one that was signed. */
export const signedTarget = (authority: Authority, { request }: ApproveStatement): SignedTarget =>
  targetAsSigned(authority, request.target) ?? refuseApproval('no such signed target');

/** Throws the one refusal that tells nothing to whoever collects; the cause is for the log. */
export const refuseApproval = (cause: string): never =>
  refuse('statement_refused', 'The approval does not hold. Nothing was minted.', { cause: new Error(cause) });
