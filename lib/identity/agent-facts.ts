import type { Agent, Human } from '#lib/db';
import type { RequestFacts } from '#lib/statement';
import { jwkThumbprint } from '#lib/tokens';

/** What identifies an agent, as it proved it on the line. Another token or another key is another agent. */
export interface AgentFacts {
  readonly id: string;
  /** SHA-256 of its ask token, base64url. */
  readonly tokenHash: string;
  /** RFC 7638 thumbprint of its key; null for an agent without one. A thumbprint is public and proves nothing by itself. */
  readonly keyThumbprint: string | null;
}

/** The same facts as signed bytes spell them. */
export interface SignedAgent extends Omit<AgentFacts, 'tokenHash'> {
  readonly tokenThumbprint: string;
}

/**
 * Whether the agent on the line is the one that was signed for. The only
 * comparison of the two: what was signed for an agent ends with its token and
 * with its key.
 */
export const sameAgent = (signed: SignedAgent, facts: AgentFacts): boolean =>
  signed.id === facts.id && signed.tokenThumbprint === facts.tokenHash && signed.keyThumbprint === facts.keyThumbprint;

/**
 * Describes an agent for a statement. `owner` must come from the authority:
 * the row's could be anybody's. Throws `invalid_request` where the row's key is no JWK.
 */
export async function describeAgent(
  agent: Pick<Agent, 'id' | 'name' | 'tokenHash' | 'publicJwk'>,
  owner: Pick<Human, 'id' | 'name'>,
): Promise<RequestFacts['agent']> {
  return {
    id: agent.id as RequestFacts['agent']['id'],
    name: agent.name,
    owner: { id: owner.id as RequestFacts['agent']['owner']['id'], name: owner.name },
    tokenThumbprint: agent.tokenHash,
    keyThumbprint: await jwkThumbprint(agent.publicJwk),
  };
}
