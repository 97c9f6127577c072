import { append } from '#lib/audit';
import { renewalRefusal } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Tx } from '#lib/db';
import type { RelyingParty, Renewal } from '#lib/statement';
import { type AuthorityCache, countingAgent } from '#warden/authority';
import { frozen, refuseFrozen } from '#warden/freeze';
import type { Vault } from '#warden/vault';
import { refuseDeleted } from './agents';
import { appendOwn } from './entry';

interface Renewing {
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly signing: RelyingParty;
}

/**
 * Appends what an agent's own key has signed for, with its record, in the caller's
 * transaction; the caller then has its row written (`followUp`). The warden signs that it has checked the proof; the proof
 * stands beside it for whoever reads the chain. Throws `draft_stale` where the
 * chain has moved on, `not_allowed` where a rule says no.
 */
export async function appendRenewal(
  tx: Tx,
  now: Date,
  warden: Renewing,
  { renewal, proof }: { readonly renewal: Renewal; readonly proof: string },
): Promise<void> {
  const authority = await warden.authority.current(tx);
  if (renewal.prev !== authority.head.hash) refuse('draft_stale', 'Something changed meanwhile. Ask again.');
  const refusal = renewalRefusal(authority, renewal);
  if (refusal !== null) refuse('not_allowed', `No new token: ${refusal}`);
  if (await frozen({ db: tx, vault: warden.vault }, authority)) refuseFrozen();
  if ((await countingAgent({ db: tx, vault: warden.vault }, authority, renewal.agent.id)) === null)
    refuse('unauthenticated', 'This agent is off.');
  const { agent, secrets } = renewal;
  await refuseDeleted(tx, agent.id);
  const entered = await appendOwn(tx, now, warden, authority, { entry: renewal, proof });
  const data = { ...entered, tokenHint: secrets.tokenHint, endsAt: secrets.expiresAt };
  await append(tx, { kind: 'agent.token_rotated', actor: agent.id, at: now, agentId: agent.id, data });
}
