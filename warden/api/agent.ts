import { type AgentFacts, authenticateAgent, jwkThumbprint } from '#lib/identity';
import { spendProof } from '#warden/tokens';
import type { Warden } from '../context';
import type { Call } from './request';

/** The agent behind its ask token: enough to look and to give back. */
export async function knowAgent(warden: Warden, call: Call): Promise<AgentFacts> {
  return (await identify(warden, call)).agent;
}

/** The same and, where the agent has a key, a proof of it for exactly this call: what collecting takes. */
export async function proveAgent(warden: Warden, call: Call): Promise<AgentFacts> {
  const { agent, now } = await identify(warden, call);
  if (agent.keyThumbprint === null) return agent;
  const proof = call.headers['dpop'];
  await spendProof(warden.db, now, {
    // Node joins a repeated header with a comma, which no JWT contains.
    proof: typeof proof === 'string' ? proof : '',
    method: call.method,
    url: warden.origins.gateway + call.path,
    token: tokenOf(call) ?? '',
    thumbprint: agent.keyThumbprint,
  });
  return agent;
}

/** The token of `Authorization: Bearer …` or `DPoP …` (RFC 6750 §2.1, RFC 9449 §7.1). */
export function tokenOf(call: Call): string | null {
  return /^(?:Bearer|DPoP) +(\S+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? null;
}

async function identify(warden: Warden, call: Call): Promise<{ agent: AgentFacts; now: Date }> {
  const token = tokenOf(call);
  const { agent, now } = await authenticateAgent(warden.db, token === null ? null : `Bearer ${token}`);
  const { id, tokenHash, publicJwk } = agent;
  return { agent: { id, tokenHash, keyThumbprint: await jwkThumbprint(publicJwk) }, now };
}
