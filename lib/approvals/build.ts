import type { SignedHuman, SignedKey, SignedTarget } from '#lib/authority';
import { iso } from '#lib/core';
import type { Request } from '#lib/db';
import type { Requirements } from '#lib/policy';
import type { ApproveStatement, Preview, RequestFacts } from '#lib/statement';
import { Operation } from '#lib/targets';
import { previewDigest } from './preview-digest';

/** Describes a request as the approver will sign it. The target, and the agent's owner, come from the chain, since rows can be changed. */
export function factsOf(request: Request, agent: RequestFacts['agent'], target: SignedTarget): RequestFacts {
  return {
    id: request.id as RequestFacts['id'],
    filedAt: iso(request.createdAt),
    agent,
    target: {
      id: target.id as RequestFacts['target']['id'],
      name: target.config.name,
      kind: target.config.kind,
      environment: target.config.environment,
      chainHash: target.chainHash,
    },
    resources: request.resources,
    verbs: request.verbs,
    operation: request.operation === null ? null : Operation.parse(request.operation),
    claims: { reason: request.reason, ticketUrl: request.ticketUrl },
  };
}

/** Builds the statement that approves a request. Pure: the nonce and the times come from the caller. */
export function approveStatement(input: {
  readonly facts: RequestFacts;
  readonly preview: Preview;
  readonly limits: { readonly ttlSeconds: number; readonly maxUses: number | null };
  readonly requirements: Requirements;
  readonly approver: SignedHuman;
  readonly key: SignedKey;
  readonly log: ApproveStatement['log'];
  readonly nonce: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}): ApproveStatement {
  const { requirements, approver, key } = input;
  return {
    type: 'countersign/statement',
    version: 1,
    kind: 'request.approve',
    decision: 'approve',
    nonce: input.nonce,
    issuedAt: iso(input.issuedAt),
    expiresAt: iso(input.expiresAt),
    approver: { id: approver.id as ApproveStatement['approver']['id'], name: approver.name },
    key: { id: key.id, class: key.class },
    log: input.log,
    request: input.facts,
    preview: input.preview,
    previewDigest: previewDigest(input.preview),
    limits: {
      ...input.limits,
      collectWithinSeconds: requirements.collectWithinSeconds,
      cooldownSeconds: requirements.cooldownSeconds,
    },
    policy: { hash: requirements.policyHash, quorum: requirements.quorum, keyClass: requirements.keyClass },
    confirm: requirements.confirm,
  };
}
