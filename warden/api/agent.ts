import type { SignedAgent } from '#lib/authority';
import { looksLikeToken, refuse, sha256Base64url } from '#lib/core';
import { databaseNow } from '#lib/db';
import type { AgentFacts } from '#lib/identity';
import { createNonces, proofKeyOf, tokenOf, verifyProof } from '#lib/tokens';
import { countingAgent } from '#warden/authority';
import { readClock } from '#warden/pulse';
import type { Warden } from '../context';
import type { Call } from './request';
import { spentProofs } from './spent-proofs';

/** The agent behind either of its secrets: enough to look and to give back. */
export async function authenticateByToken(warden: Warden, call: Call): Promise<AgentFacts> {
  return factsOf((await identify(warden, call)).agent);
}

/**
 * The agent that may collect: it holds the secret that no other process ever
 * sees, or proves its key for exactly this call. What web and gateway are shown
 * collects nothing here (T82).
 */
export async function authenticateCollector(warden: Warden, call: Call): Promise<AgentFacts> {
  const { agent, token } = await identify(warden, call);
  const key = proofKeyOf(agent.publicJwk);
  if (key === null) {
    if (agent.collectHash !== sha256Base64url(token))
      refuse('forbidden', 'The ask token only asks. Collect with the agent’s collect secret: cs_col_…');
    return factsOf(agent);
  }
  const { now } = await readClock(warden.db);
  await verifyProof(
    proofIn(call),
    { key, method: call.method, url: warden.origins.agent + call.path, token, now },
    { nonces: createNonces(warden.vault.nonceSecret), store: spentProofs(warden.db) },
  );
  return factsOf(agent);
}

/** Node joins a repeated header with a comma, which no JWT contains. */
export function proofIn({ headers }: Call): string | undefined {
  const proof = headers['dpop'];
  return typeof proof === 'string' ? proof : undefined;
}

const factsOf = ({ id, tokenHash, keyThumbprint }: SignedAgent): AgentFacts => ({ id, tokenHash, keyThumbprint });

/** By the chain, and by what a row may narrow. In the same words for an unknown secret as for one that is over. */
export async function identify(
  warden: Warden,
  call: Call,
): Promise<{ readonly agent: SignedAgent; readonly token: string }> {
  const token =
    tokenOf(call.headers.authorization) ??
    refuse('unauthenticated', 'Send the agent’s secret: Authorization: Bearer cs_col_… to collect, cs_ask_… to look.');
  if (!looksLikeToken('ask', token) && !looksLikeToken('col', token))
    refuse(
      'unauthenticated',
      'This is no whole secret of an agent: its checksum does not match. It was mistyped or cut off when copied.',
    );
  const authority = await warden.authority.current(warden.db);
  const hash = sha256Base64url(token);
  const now = await databaseNow(warden.db);
  const known = [...authority.agents.values()].find(({ tokenHash, collectHash, before }) =>
    [tokenHash, collectHash, before !== null && now < before.until && before.tokenHash].includes(hash),
  );
  const agent = known && (await countingAgent(warden, authority, known.id));
  return agent == null
    ? refuse('unauthenticated', 'No active agent has this secret. Ask its owner for a new one.')
    : { agent, token };
}
