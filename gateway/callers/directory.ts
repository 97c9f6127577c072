import type { Hot, Listener, Notice, Statement } from '#lib/db';
import type { AgentRecord } from '#lib/records';

/** A grant that was live when it was looked up. None of this ever changes. */
export interface ListedGrant {
  readonly id: string;
  readonly agentId: string;
  readonly targetId: string;
  readonly requestId: string | null;
}

/** What rows say. It only ever forbids: what allows is signed. */
export interface Directory {
  /** False where the agent's row is gone, not active, or has not the token that was signed. */
  allows(agent: AgentRecord): Promise<boolean>;
  /** Whether an active agent's row has this token, signed or not. */
  hasToken(tokenHash: string): Promise<boolean>;
  /** Null for one that was not live when it was first asked for. */
  grant(id: string): Promise<ListedGrant | null>;
  /** Whether a grant is live as of the last notice. What uses it asks the database itself. */
  isLive(id: string): Promise<boolean>;
  stop(): void;
}

/** What is kept at most. Past it the oldest is looked up again. */
const KEPT = 10_000;

const AGENT: Statement = {
  name: 'directory_agent',
  text: `SELECT token_hash, previous_token_hash FROM agents WHERE id = $1 AND state = 'active'`,
};

const TOKEN: Statement = {
  name: 'directory_token',
  text: `SELECT id FROM agents WHERE token_hash = $1 AND state = 'active'`,
};

const GRANT: Statement = {
  name: 'directory_grant',
  text: `SELECT id, agent_id, target_id, request_id, expires_at FROM grants
  WHERE id = $1 AND state = 'active' AND expires_at > clock_timestamp()`,
};

interface GrantRow {
  readonly id: string;
  readonly agent_id: string;
  readonly target_id: string;
  readonly request_id: string | null;
  readonly expires_at: Date;
}

interface Kept extends ListedGrant {
  readonly expiresAt: Date;
}

/** Agents and grants in memory, forgotten as soon as a notice says that they changed. `now` is the database's time. */
export function openDirectory({
  hot,
  listener,
  now,
}: {
  readonly hot: Hot;
  readonly listener: Listener;
  readonly now: () => Date;
}): Directory {
  const agents = new Map<string, readonly (string | null)[]>();
  const grants = new Map<string, Kept>();
  /** Changed since it was looked up: every use changes it, so it is not forgotten for that. */
  const doubtful = new Set<string>();
  /** Raised by every notice: what was read before one is not kept after it. */
  let generation = 0;

  function forget(notice: Notice | null): void {
    if (notice === null) {
      generation += 1;
      agents.clear();
      grants.clear();
      doubtful.clear();
    } else if (notice.table === 'grants') {
      generation += 1;
      if (grants.has(notice.id)) doubtful.add(notice.id);
    } else if (notice.table === 'agents') {
      generation += 1;
      agents.delete(notice.id);
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

  async function grant(id: string): Promise<ListedGrant | null> {
    const found = await kept(grants, id, async () => {
      const [row] = await hot.rows<GrantRow>(GRANT, [id]);
      return row === undefined ? null : listed(row);
    });
    return found === null || now() >= found.expiresAt ? null : found;
  }

  const unsubscribe = listener.onNotice(forget);
  return {
    async allows({ id, tokenHash }) {
      const hashes = await kept(agents, id, async () => {
        const [row] = await hot.rows<{ token_hash: string; previous_token_hash: string | null }>(AGENT, [id]);
        return row === undefined ? null : [row.token_hash, row.previous_token_hash];
      });
      // An agent that took a new token a moment ago is signed with the one before, until the next head.
      return hashes?.includes(tokenHash) ?? false;
    },
    hasToken: async (tokenHash) => (await hot.rows(TOKEN, [tokenHash])).length === 1,
    grant,
    async isLive(id) {
      if (doubtful.delete(id)) grants.delete(id);
      return (await grant(id)) !== null;
    },
    stop: unsubscribe,
  };
}

const listed = (row: GrantRow): Kept => ({
  id: row.id,
  agentId: row.agent_id,
  targetId: row.target_id,
  requestId: row.request_id,
  expiresAt: row.expires_at,
});
