import { append } from '#lib/audit';
import { chainHash, extend, renewalRefusal } from '#lib/authority';
import { type Json, refuse } from '#lib/core';
import type { Tx } from '#lib/db';
import { signRecord } from '#lib/records';
import type { RelyingParty, Renewal } from '#lib/statement';
import { type AuthorityCache, countingAgent } from '#warden/authority';
import { frozen, refuseFrozen } from '#warden/freeze';
import type { Vault } from '#warden/vault';
import { insert } from './entry';
import { endAsked, secretsRow, writeAgent } from './project-agents';

interface Renewing {
  readonly vault: Vault;
  readonly authority: AuthorityCache;
  readonly signing: RelyingParty;
}

/**
 * Appends what an agent's own key has signed for, with its row and its record, in
 * the caller's transaction. The warden signs that it has checked the proof; the proof
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
  const { body, signature } = signRecord(warden.vault.signingKey, 'renewal', renewal as unknown as Json);
  const { agent, secrets, until, kind } = renewal;
  const [seq, hash] = [authority.head.seq + 1, chainHash(body)];
  const row = { seq, hash, kind, statement: body, assertion: { signature, proof } };
  // An entry cannot be removed: it passes first what every later replay checks.
  await extend(authority, row, { ...warden.signing, warden: warden.vault.publicKey });
  await insert(tx, { ...row, createdAt: now });
  const before = {
    previousTokenHash: authority.agents.get(agent.id)?.tokenHash ?? null,
    previousUntil: new Date(until),
  };
  await writeAgent(tx, agent.id, { ...secretsRow(secrets, now), ...before });
  await endAsked(tx, now, agent.id, { agentId: agent.id, reason: 'The agent took another token.' });
  await append(tx, {
    kind: 'agent.token_rotated',
    actor: agent.id,
    at: now,
    agentId: agent.id,
    data: { chainSeq: seq, chainHash: hash, tokenHint: secrets.tokenHint, endsAt: secrets.expiresAt },
  });
}
