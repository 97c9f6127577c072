import { type ApproverRefusal, approverRefusal, approveStatement, factsOf } from '#lib/approvals';
import type { Authority, SignedAgent, SignedKey, SignedTarget } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Request } from '#lib/db';
import { describeAgent } from '#lib/identity';
import { requirementsOf } from '#lib/policy';
import { type ApproveStatement, Preview, type RequestFacts } from '#lib/statement';
import { checkAsk, Operation } from '#lib/targets';
import { countingAgent } from '#warden/authority';
import { frozen } from '#warden/freeze';
import { previewHolds } from '#warden/preview';
import { occasion } from './draft';
import type { Look } from './ticket';

const INACTIVE = 'You or this key are not active any more.';
const WORDS: Readonly<Record<ApproverRefusal, string>> = {
  target: 'The target of this request is not there any more.',
  unknown: INACTIVE,
  inactive: INACTIVE,
  role: 'You may read requests, not approve them.',
  blocked: 'Nobody can approve this. Deny it, or let it lapse:',
  key_class:
    'Production is approved with a hardware key only. So is what lies in an environment that nobody could find out. This one is a synced passkey. Enrol a hardware key in the console’s settings first.',
  key_unproven:
    'Production is approved with a key whose maker proved that it is hardware. So is what lies in an environment that nobody could find out. Nobody proved that of this key, and this installation takes no such key there. Enrol one that is proven, or an owner accepts unproven ones in the console’s settings.',
  own_agent: 'This is your own agent’s request. Somebody else has to approve it.',
};

/** Throws `not_allowed`, in words for the page, where this person may not approve these facts with this key now. */
export function refuseWrongApprover(
  authority: Authority,
  facts: RequestFacts,
  preview: Preview,
  by: { readonly humanId: string; readonly keyId: string },
): void {
  const refusal = approverRefusal(authority, facts, preview, by);
  if (refusal === null) return;
  const why = refusal === 'blocked' ? ` ${preview.blocked ?? ''}` : '';
  refuse('not_allowed', WORDS[refusal] + why);
}

/** Nothing is approved while somebody has stopped everything: what is approved now would count when it is over (P9). */
export async function refuseWhileFrozen(warden: Parameters<typeof frozen>[0], authority: Authority): Promise<void> {
  if (await frozen(warden, authority))
    refuse(
      'not_allowed',
      'Everything is frozen, so nothing is approved. An owner ends the freeze with a key, in the console.',
    );
}

/** Builds the statement that approves a pending request. What signing would refuse is refused here already, in words. */
export async function proposeApproval(look: Look, key: SignedKey, requestId: string): Promise<ApproveStatement> {
  await refuseWhileFrozen(look.warden, look.authority);
  const { request, agent, target, facts } = await readRequest(look, requestId);
  const preview = Preview.safeParse(request.preview);
  if (!preview.success)
    return refuse('conflict', 'The preview of this request cannot be read. Ask the agent to file it again.');
  refuseWrongApprover(look.authority, facts, preview.data, { humanId: look.signer.id, keyId: key.id });
  if (!previewHolds(look.warden.vault, request, agent)) refuseTampered(look, requestId);
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

/** Stops here what was changed in the database since the preview was made: it is never shown for signing (T1, T3). */
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

/** Reads a pending request, and its facts as they will be signed: target, agent and its owner come from the chain. */
async function readRequest(
  { warden, authority, now }: Look,
  id: string,
): Promise<{ request: Request; agent: SignedAgent; target: SignedTarget; facts: RequestFacts }> {
  const request = await warden.db.request.findUnique({ where: { id } });
  if (request === null) return refuse('not_found', 'There is no such request.');
  refuseDecided(request, now);
  const agent = (await countingAgent(warden, authority, request.agentId)) ?? refuse('not_allowed', AGENT_OFF);
  const target = authority.targets.get(request.targetId);
  if (!target?.active) return refuse('not_allowed', 'The target of this request is not there any more.');
  checkAsk(target.config, {
    ...request,
    operation: request.operation === null ? null : Operation.parse(request.operation),
  });
  const owner = authority.humans.get(agent.ownerId) ?? refuse('not_allowed', AGENT_OFF);
  const facts = factsOf(request, describeAgent(agent, owner), target);
  return { request, agent, target, facts };
}

export const AGENT_OFF =
  'The agent that asked is off: somebody disabled it, its secrets are over, or its owner is not here any more.';

function refuseDecided(request: Request, now: Date): void {
  if (request.state === 'preparing')
    refuse('conflict', 'The warden is still finding out what this request would do. Try again in a moment.');
  if (request.state !== 'pending') refuse('already_decided', `This request is ${request.state} already.`);
  if (request.decideBy <= now) refuse('already_decided', 'The time to decide this request is over.');
}
