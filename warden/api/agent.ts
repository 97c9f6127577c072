import { type AgentFacts, authenticateAgent } from '#lib/identity';
import { createNonces, type ProofKey, proofKeyOf, tokenOf, verifyProof } from '#lib/tokens';
import type { Warden } from '../context';
import type { Call } from './request';
import { spentProofs } from './spent-proofs';

/** The agent behind its ask token: enough to look and to give back. */
export async function authenticateByToken(warden: Warden, call: Call): Promise<AgentFacts> {
  return (await identify(warden, call)).agent;
}

/** The same and, where the agent has a key, a proof of it for exactly this call: what collecting takes. */
export async function authenticateWithProof(warden: Warden, call: Call): Promise<AgentFacts> {
  const { agent, key, token, now } = await identify(warden, call);
  if (key === null) return agent;
  const proof = call.headers['dpop'];
  await verifyProof(
    // Node joins a repeated header with a comma, which no JWT contains.
    typeof proof === 'string' ? proof : undefined,
    { key, method: call.method, url: warden.origins.agent + call.path, token, now },
    { nonces: createNonces(warden.vault.nonceSecret), store: spentProofs(warden.db) },
  );
  return agent;
}

interface Identified {
  readonly agent: AgentFacts;
  readonly key: ProofKey | null;
  readonly token: string;
  readonly now: Date;
}

async function identify(warden: Warden, call: Call): Promise<Identified> {
  const token = tokenOf(call.headers.authorization);
  const { agent, now } = await authenticateAgent(warden.db, token === null ? null : `Bearer ${token}`);
  const { id, tokenHash, publicJwk } = agent;
  const key = proofKeyOf(publicJwk);
  return { agent: { id, tokenHash, keyThumbprint: key?.thumbprint ?? null }, key, token: token ?? '', now };
}
