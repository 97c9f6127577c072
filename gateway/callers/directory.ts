import type { Hot, Listener, Notice, Statement } from '#lib/db';
import type { AgentFacts } from '#lib/identity';
import { type ProofKey, proofKeyOf } from '#lib/tokens';

/** An agent as its row says now. */
export interface BookedAgent extends AgentFacts {
  readonly key: ProofKey | null;
}

/** A grant that was live when it was looked up, and the agent that holds it. None of this ever changes. */
export interface BookedGrant {
  readonly id: string;
  readonly targetId: string;
  readonly requestId: string | null;
  readonly agent: BookedAgent;
}

export interface Book {
  /** By the hash of an ask token; null for no active agent's. */
  agent(tokenHash: string): Promise<BookedAgent | null>;
  /** Null for one that was not live when it was first asked for. */
  grant(id: string): Promise<BookedGrant | null>;
  /** Whether a grant is live as of the last notice. What spends it asks the database itself. */
  isLive(id: string): Promise<boolean>;
  stop(): void;
}

/** What is kept at most. Past it the oldest is looked up again. */
const KEPT = 10_000;

const AGENT: Statement = {
  name: 'standing_agent',
  text: `SELECT id, token_hash, public_jwk FROM agents WHERE token_hash = $1 AND state = 'active'`,
};

const GRANT: Statement = {
  name: 'standing_grant',
  text: `SELECT g.id AS grant_id, g.target_id, g.request_id, a.id, a.token_hash, a.public_jwk
  FROM grants g JOIN agents a ON a.id = g.agent_id
  WHERE g.id = $1 AND g.state = 'active' AND g.expires_at IS NOT NULL AND a.state = 'active'`,
};

interface AgentRow {
  readonly id: string;
  readonly token_hash: string;
  readonly public_jwk: unknown;
}

interface GrantRow extends AgentRow {
  readonly grant_id: string;
  readonly target_id: string;
  readonly request_id: string | null;
}

/** Agents and grants in memory, forgotten as soon as a notice says that they changed. */
export function openBook({ hot, listener }: { readonly hot: Hot; readonly listener: Listener }): Book {
  const agents = new Map<string, BookedAgent>();
  const grants = new Map<string, BookedGrant>();
  /** Changed since it was looked up: every use changes it, so it is not forgotten for that. */
  const doubtful = new Set<string>();
  /** Raised by every notice: what was read before one is not kept after it. */
  let generation = 0;

  function forget(notice: Notice | null): void {
    generation += 1;
    if (notice === null) {
      agents.clear();
      grants.clear();
      doubtful.clear();
    } else if (notice.table === 'grants') {
      if (grants.has(notice.id)) doubtful.add(notice.id);
    } else if (notice.table === 'agents') {
      for (const [hash, { id }] of agents) if (id === notice.id) agents.delete(hash);
      for (const [id, { agent }] of grants) if (agent.id === notice.id) grants.delete(id);
    }
  }

  async function kept<T>(shelf: Map<string, T>, key: string, look: () => Promise<T | null>): Promise<T | null> {
    const known = shelf.get(key);
    if (known !== undefined) return known;
    const before = generation;
    const found = await look();
    if (found === null || before !== generation) return found;
    const [oldest] = shelf.keys();
    if (shelf.size >= KEPT && oldest !== undefined) shelf.delete(oldest);
    shelf.set(key, found);
    return found;
  }

  const lookedUp = (id: string): Promise<BookedGrant | null> =>
    kept(grants, id, async () => {
      const [row] = await hot.rows<GrantRow>(GRANT, [id]);
      return row === undefined ? null : grantOf(row, booked(row));
    });

  const deaf = listener.onNotice(forget);
  return {
    agent: (tokenHash) =>
      kept(agents, tokenHash, async () => {
        const [row] = await hot.rows<AgentRow>(AGENT, [tokenHash]);
        return row === undefined ? null : booked(row);
      }),
    grant: lookedUp,
    async isLive(id) {
      if (doubtful.delete(id)) grants.delete(id);
      return (await lookedUp(id)) !== null;
    },
    stop: deaf,
  };
}

function booked({ id, token_hash: tokenHash, public_jwk: jwk }: AgentRow): BookedAgent {
  const key = proofKeyOf(jwk);
  return { id, tokenHash, keyThumbprint: key?.thumbprint ?? null, key };
}

const grantOf = (row: GrantRow, agent: BookedAgent): BookedGrant => ({
  id: row.grant_id,
  targetId: row.target_id,
  requestId: row.request_id,
  agent,
});
