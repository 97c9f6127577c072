import type { SignedAgent } from '#lib/authority';

/** What identifies an agent, as it proved it on the line. Another token or another key is another agent. */
export interface AgentFacts {
  readonly id: string;
  /** SHA-256 of its ask token, base64url. The secret it collects with comes and goes with that token. */
  readonly tokenHash: string;
  /** RFC 7638 thumbprint of its key; null for an agent without one. A thumbprint is public and proves nothing by itself. */
  readonly keyThumbprint: string | null;
}

/** The same facts as signed bytes spell them. */
interface AgentAsSigned extends Omit<AgentFacts, 'tokenHash'> {
  readonly tokenThumbprint: string;
}

/**
 * Whether the agent on the line is the one that was signed for. The only
 * comparison of the two: what was signed for an agent ends with its token and
 * with its key.
 */
export const sameAgent = (signed: AgentAsSigned, facts: AgentFacts): boolean =>
  signed.id === facts.id && signed.tokenThumbprint === facts.tokenHash && signed.keyThumbprint === facts.keyThumbprint;

/** The same, of the agent as the authority has it now. */
export const isAgent = ({ tokenHash: tokenThumbprint, ...agent }: SignedAgent, facts: AgentFacts): boolean =>
  sameAgent({ ...agent, tokenThumbprint }, facts);
