import { approveStatement, factsOf, otherApprovers } from '#lib/approvals';
import type { Authority, SignedHuman, SignedKey, SignedTarget } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Request } from '#lib/db';
import { describeAgent } from '#lib/identity';
import { mayApprove, type Refusal, requirementsOf } from '#lib/policy';
import { type ApproveStatement, Preview, type RequestFacts } from '#lib/statement';
import { checkAsk, Operation } from '#lib/targets';
import { previewHolds } from '#warden/preview';
import { occasion } from './draft';
import type { Look } from './ticket';

const WORDS: Readonly<Record<Refusal, string>> = {
  not_active: 'You or this key are not active any more.',
  role: 'You may read requests, not approve them.',
  key_class:
    'Production is approved with a hardware key only. So is what lies in an environment that nobody could find out. This one is a synced passkey. Enrol a hardware key in the console’s settings first.',
  own_agent: 'This is your own agent’s request. Somebody else has to approve it.',
};

/** Null when this person may approve these facts with this key, now; else why not, in words. */
export function refuseApproval(
  authority: Authority,
  human: SignedHuman,
  key: SignedKey,
  facts: RequestFacts,
  preview: Preview,
): string | null {
  const target = authority.targets.get(facts.target.id);
  if (!target?.active || target.chainHash !== facts.target.chainHash)
    return 'The target of this request is not there any more.';
  const requirements = requirementsOf(target.config, facts, preview);
  const refusal = mayApprove(
    requirements,
    {
      humanId: human.id,
      role: human.role,
      active: human.active,
      keyClass: key.class,
      keyActive: key.active && key.humanId === human.id,
    },
    {
      agentOwnerId: facts.agent.owner.id,
      soleOwnerMayApprove: target.config.soleOwnerMayApprove,
      otherApprovers: otherApprovers(authority, human.id, requirements.keyClass),
    },
  );
  return refusal === null ? null : WORDS[refusal];
}

/** The approval of a pending request, as it would be signed. Refuses early and in words what signing would refuse. */
export async function proposeApproval(look: Look, key: SignedKey, requestId: string): Promise<ApproveStatement> {
  const { request, target, facts } = await readRequest(look, requestId);
  const preview = Preview.safeParse(request.preview);
  if (!preview.success)
    return refuse('conflict', 'The preview of this request cannot be read. Ask the agent to file it again.');
  const refusal = refuseApproval(look.authority, look.signer, key, facts, preview.data);
  if (refusal !== null) refuse('not_allowed', refusal);
  if (!previewHolds(look.warden.vault, request)) refuseTampered(look, requestId);
  return approveStatement({
    facts,
    preview: preview.data,
    limits: { ttlSeconds: request.ttlSeconds, maxUses: request.maxUses },
    requirements: requirementsOf(target.config, facts, preview.data),
    approver: look.signer,
    key,
    ...(await occasion(look)),
  });
}

/** What a thief of the database wrote is never shown to be signed (T1, T3). */
function refuseTampered({ warden }: Look, requestId: string): never {
  warden.alarms.raise(
    'tampering',
    `Request ${requestId} or its preview was changed in the database after the warden looked. It is not shown for signing.`,
  );
  return refuse(
    'conflict',
    'This request was changed after it was looked at. Ask the agent to file it again, and see the alarm.',
  );
}

/** The request in the words that will be signed. Its target and its agent's owner come from the chain. */
async function readRequest(
  { warden, authority, now }: Look,
  id: string,
): Promise<{ request: Request; target: SignedTarget; facts: RequestFacts }> {
  const request = await warden.db.request.findUnique({ where: { id }, include: { agent: true } });
  if (request === null) return refuse('not_found', 'There is no such request.');
  refuseDecided(request, now);
  if (request.agent.state !== 'active') refuse('not_allowed', 'The agent that asked is disabled.');
  const target = authority.targets.get(request.targetId);
  if (!target?.active) return refuse('not_allowed', 'The target of this request is not there any more.');
  checkAsk(target.config, {
    ...request,
    operation: request.operation === null ? null : Operation.parse(request.operation),
  });
  const owner =
    authority.humans.get(request.agent.ownerId) ??
    refuse('not_allowed', 'The agent’s owner is nobody this warden knows.');
  const facts = factsOf(request, await describeAgent(request.agent, owner), target);
  return { request, target, facts };
}

function refuseDecided(request: Request, now: Date): void {
  if (request.state === 'preparing')
    refuse('conflict', 'The warden is still finding out what this request would do. Try again in a moment.');
  if (request.state !== 'pending') refuse('already_decided', `This request is ${request.state} already.`);
  if (request.decideBy <= now) refuse('already_decided', 'The time to decide this request is over.');
}
