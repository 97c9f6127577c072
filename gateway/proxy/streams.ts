import type { ServerResponse } from 'node:http';
import type { Caller } from '#gateway/callers';
import type { HeadFollower, SignedState } from '#gateway/head';
import { refuse } from '#lib/core';
import type { Hot, Listener, Notice, Statement } from '#lib/db';
import { loop } from '#lib/process';
import type { AgentRecord } from '#lib/records';
import { ABOVE_REST_SECONDS } from './admit';
import { type Decision, mayRest } from './decide';
import type { OpenTarget } from './open-targets';

/** The longest one answer at rest may go on, seconds. One on a grant's word ends with the grant. */
const MOST_REST_SECONDS = 600;

/** Answers one agent may have going on at a time: slow readers would take every connection to a target (T68). */
const MOST_LASTING = 16;

/** An answer that lasts longer counts as a stream. Shorter ones are not limited. */
const LASTING_MS = 2_000;

/** How often streams are rechecked, for changes without a notice: an expiry, a head too old, a freeze just read. */
const EVERY_MS = 250;

/** Answers that are going on, each cut as soon as nobody would allow it any more (P5, P9). */
export interface Streams {
  /** To be called before it is decided: what changes from now on is not missed. Throws `rate_limited`. */
  enter(call: Pick<Open, 'response' | 'caller' | 'target'>): Open;
  stop(): Promise<void>;
}

/** One call on its way, and what lets its answer go on. */
export interface Open {
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly target: OpenTarget;
  readonly since: number;
  /** The agent as the warden signed it then: another token or key is another agent. */
  readonly agent: AgentRecord | undefined;
  /** On whose word it passes; null while it waits for that, when there is nothing to cut. */
  by: Exclude<Decision['by'], 'nobody'> | null;
  /** Its agent or grant changed since it was last looked up. */
  doubtful: boolean;
  /** The warden has said that its grant ended, and its row was looked up since. */
  ended: boolean;
}

interface Parts {
  readonly hot: Hot;
  readonly listener: Listener;
  readonly head: HeadFollower;
}

export function createStreams(parts: Parts): Streams {
  const open = new Set<Open>();
  const rounds = loop(
    async () => {
      await look(parts, [...open].filter(isPassing));
      return EVERY_MS;
    },
    { onError: () => undefined, retryMs: EVERY_MS },
  );
  const unsubscribe = parts.listener.onNotice((notice) => {
    // Every use of a grant tells of it: what is over before the next round need not be looked up.
    for (const one of open) if (isAbout(notice, one)) one.doubtful = true;
  });
  return {
    enter({ response, caller, target }) {
      if (lastingOf(caller.agent.id, open).length >= MOST_LASTING) refuse('rate_limited', TOO_MANY, LATER);
      const agent = parts.head.state()?.agents.get(caller.agent.id);
      const begun = { since: performance.now(), by: null, doubtful: false, ended: false };
      const one: Open = { response, caller, target, agent, ...begun };
      open.add(one);
      response.once('close', () => open.delete(one));
      return one;
    },
    async stop() {
      unsubscribe();
      await rounds.stop();
    },
  };
}

const TOO_MANY = `This agent has ${MOST_LASTING} answers going on already. Read one of them to its end, or hang up on it, first.`;
const LATER = { retryAfterSeconds: 5 };

const isPassing = ({ by, response }: Open): boolean => by !== null && !response.destroyed;

function isAbout(notice: Notice | null, { caller }: Open): boolean {
  if (notice === null) return true;
  if (notice.table === 'grants') return caller.kind === 'grant' && caller.grant.id === notice.id;
  return notice.table === 'agents' && caller.agent.id === notice.id;
}

/** One agent's answers that began a while ago, oldest first. */
function lastingOf(agentId: string, open: Iterable<Open>): Open[] {
  const begun = performance.now() - LASTING_MS;
  return [...open].filter(
    (one) =>
      one.since < begun && one.caller.agent.id === agentId && one.response.headersSent && !one.response.destroyed,
  );
}

/** Cutting the answer aborts what is still being asked of the provider. */
async function look(parts: Parts, open: readonly Open[]): Promise<void> {
  const agents = new Set(open.map(({ caller }) => caller.agent.id));
  const beyond = [...agents].flatMap((agentId) => lastingOf(agentId, open).slice(MOST_LASTING));
  const now = parts.head.now();
  for (const one of [...open.filter((one) => isOver(one, now)), ...beyond]) one.response.destroy();
  if (parts.head.isFrozen() !== false) for (const one of open) one.response.destroy();
  for (const one of open.filter(isPassing)) {
    if (!isStillAllowed(parts, one)) one.response.destroy();
    else if (!one.ended && isEnded(parts, one)) [one.ended, one.doubtful] = [true, true];
  }
  await lookUp(parts, open.filter(({ doubtful }) => doubtful).filter(isPassing));
}

function isOver({ by, caller, since }: Open, now: Date): boolean {
  if (caller.kind === 'grant' && now >= caller.grant.expiresAt) return true;
  return by === 'rest' && performance.now() - since > MOST_REST_SECONDS * 1_000;
}

/** By what was signed; a head that is too old to be believed allows nothing (P7). */
function isStillAllowed(parts: Parts, { by, caller, target, agent }: Open): boolean {
  const state = freshEnough(parts, by === 'rest' ? target.config.outageSeconds : ABOVE_REST_SECONDS);
  if (state?.targets.get(target.signed.id)?.active !== true) return false;
  if (agent === undefined || state.agents.get(caller.agent.id) !== agent) return false;
  return by !== 'rest' || mayRest(state, target.signed, caller);
}

function freshEnough({ head }: Parts, seconds: number): SignedState | null {
  return head.ageSeconds() > seconds ? null : head.state();
}

interface AgentTokens {
  readonly id: string;
  readonly token_hash: string;
  readonly previous_token_hash: string | null;
}

const AGENTS: Statement = {
  name: 'streams_agents',
  text: `SELECT id, token_hash, previous_token_hash FROM agents WHERE id = ANY ($1) AND state = 'active'`,
};

/** A grant whose last use this very answer may be is spent and not revoked: the answer is still its own. */
const GRANTS: Statement = {
  name: 'streams_grants',
  text: `SELECT id, state FROM grants WHERE id = ANY ($1) AND (state = 'active' OR end_reason = 'spent')`,
};

const isEnded = ({ head }: Parts, { caller }: Open): boolean =>
  caller.kind === 'grant' && head.state()?.isEnded(caller.grant.id) === true;

/** The rows of what is in doubt. Where the database is away they stay in doubt, and the head's age decides. */
async function lookUp(parts: Parts, open: readonly Open[]): Promise<void> {
  if (open.length === 0) return;
  const agentIds = open.map(({ caller }) => caller.agent.id);
  const grantIds = open.flatMap(({ caller }) => (caller.kind === 'grant' ? [caller.grant.id] : []));
  for (const one of open) one.doubtful = false;
  try {
    const [agents, grants] = await Promise.all([
      parts.hot.rows<AgentTokens>(AGENTS, [agentIds]),
      parts.hot.rows<{ id: string; state: string }>(GRANTS, [grantIds]),
    ]);
    const tokens = new Map(agents.map((row) => [row.id, [row.token_hash, row.previous_token_hash]]));
    const states = new Map(grants.map(({ id, state }) => [id, state]));
    for (const one of open) {
      const { caller, response } = one;
      const isSame = tokens.get(caller.agent.id)?.includes(caller.agent.tokenHash) ?? false;
      const state = caller.kind === 'grant' ? states.get(caller.grant.id) : 'none';
      // A row that was set back to `active` after the warden ended the grant allows nothing.
      if (!isSame || state === undefined || (state === 'active' && isEnded(parts, one))) response.destroy();
    }
  } catch (error) {
    for (const one of open) one.doubtful = true;
    throw error;
  }
}
