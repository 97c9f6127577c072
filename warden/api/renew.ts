import type { SignedAgent } from '#lib/authority';
import { addSeconds, checksummedToken, iso, newId, refuse, sha256Base64url } from '#lib/core';
import { type Draft, databaseNow, transact } from '#lib/db';
import { openRenewal, type Renewal, renewalNonce, sealRenewal } from '#lib/statement';
import { type Nonces, proofKeyOf, verifyProof } from '#lib/tokens';
import { appendRenewal, followNow } from '#warden/changes';
import { sealSecrets, secretsOf, useDraft } from '#warden/sign';
import type { Warden } from '../context';
import { identify, proofIn } from './agent';
import { type Call, refuseBody } from './request';
import { spentProofs } from './spent-proofs';

/** So that every copy of the agent gets the new token before the old one ends. */
const OVERLAP_SECONDS = 7_200;
const DRAFT_SECONDS = 300;

export interface Renewed {
  readonly token: string;
  readonly expiresAt: string;
  /** When the token that was sent ends. */
  readonly oldTokenEndsAt: string;
}

/**
 * A new ask token for an agent with a key, which signs for it: the nonce that its
 * proof has to hold is the hash of the statement, so that the chain shows what
 * the key agreed to. An agent without a key is given secrets by a person.
 */
export async function renewToken(warden: Warden, call: Call): Promise<Renewed> {
  refuseBody(call);
  const { agent, token } = await identify(warden, call);
  const key =
    proofKeyOf(agent.publicJwk) ??
    refuse('forbidden', 'This agent has no key to sign for a new token. Who answers for it gives it new secrets.');
  const { draft, renewal } = await draftFor(warden, agent);
  const shown = secretsOf(warden, draft).secrets?.agent ?? refuse('draft_stale', 'Start again without a proof.');
  const [now, proof] = [await databaseNow(warden.db), proofIn(call)];
  const provenCall = { key, method: call.method, url: warden.origins.agent + call.path, token, now };
  await verifyProof(proof, provenCall, { nonces: only(draft), store: spentProofs(warden.db) });
  await transact(warden.db, async (tx, at) => {
    await useDraft(tx, at, draft.id);
    await appendRenewal(tx, at, warden, { renewal, proof: proof ?? '' });
  });
  await followNow(warden);
  return { token: shown.token, expiresAt: renewal.secrets.expiresAt, oldTokenEndsAt: renewal.until };
}

/** The one nonce that this statement takes. */
const only = ({ statement, expiresAt }: Draft): Nonces => {
  const nonce = renewalNonce(statement);
  return { current: () => nonce, endOf: (text) => (text === nonce ? expiresAt : null) };
};

/** One statement an agent at a time, for five minutes, as long as it is this agent's and follows the chain's last entry. */
async function draftFor(warden: Warden, agent: SignedAgent): Promise<{ draft: Draft; renewal: Renewal }> {
  const { db } = warden;
  const [now, { head }] = [await databaseNow(db), await warden.authority.current(db)];
  const known = await db.draft.findFirst({
    where: { kind: 'agent.renew', subjectId: agent.id, usedAt: null, expiresAt: { gt: now } },
    orderBy: { createdAt: 'desc' },
  });
  if (known !== null) {
    const renewal = openRenewal(known.statement);
    if (renewal.prev === head.hash && renewal.agent.id === agent.id) return { draft: known, renewal };
  }
  return newDraft(warden, agent, { now, prev: head.hash });
}

async function newDraft(
  warden: Warden,
  agent: SignedAgent,
  { now, prev }: { readonly now: Date; readonly prev: string },
): Promise<{ draft: Draft; renewal: Renewal }> {
  const token = checksummedToken('ask');
  const renewal = { ...renewalOf(agent, token, now), prev };
  const statement = sealRenewal(renewal);
  await warden.db.draft.deleteMany({ where: { kind: renewal.kind, subjectId: agent.id } });
  const draft = await warden.db.draft.create({
    data: {
      ...{ id: newId('drf'), nonce: renewalNonce(statement), kind: renewal.kind, subjectId: agent.id, statement },
      // No person signs it.
      ...{ humanId: '', keyId: '' },
      revealed: sealSecrets(warden, statement, { agent: { token, collect: null } }),
      ...{ createdAt: now, expiresAt: addSeconds(now, DRAFT_SECONDS) },
    },
  });
  return { draft, renewal };
}

/** For as long as a person has signed; the old token no longer than that either. */
function renewalOf(agent: SignedAgent, token: string, now: Date): Omit<Renewal, 'prev'> {
  const { id, name, publicJwk, keyThumbprint, issuedAt, expiresAt } = agent;
  const life = expiresAt.getTime() - issuedAt.getTime();
  const until = Math.min(addSeconds(now, OVERLAP_SECONDS).getTime(), expiresAt.getTime());
  return {
    type: 'countersign/statement',
    version: 1,
    kind: 'agent.renew',
    issuedAt: iso(now),
    agent: { id: id as Renewal['agent']['id'], name },
    secrets: {
      ...{ tokenThumbprint: sha256Base64url(token), tokenHint: token.slice(-4), collectThumbprint: null },
      ...{ publicJwk, keyThumbprint, expiresAt: iso(new Date(now.getTime() + life)) },
    },
    until: iso(new Date(until)),
  };
}
