import type { ServerResponse } from 'node:http';
import type { Caller, Standing } from '#gateway/callers';
import type { Authority } from '#lib/authority';
import { refuse } from '#lib/core';
import type { Db, Listener, Notice } from '#lib/db';
import { jwkThumbprint } from '#lib/tokens';
import type { FreezeWatch } from '#warden/freeze';
import { loop } from '#warden/pulse';
import { ABOVE_REST_SECONDS } from './admit';
import { type Decision, mayRest } from './decide';
import type { OpenTarget } from './open-targets';

/** The longest one answer at rest may go on, seconds. One on a grant's word ends with the grant. */
const MOST_REST_SECONDS = 600;

/** Answers one agent may have going on at a time: slow readers would take every connection to a target (T68). */
const MOST_LASTING = 16;

/** From here on an answer is a stream. What is over sooner is counted by nobody. */
const LASTING_MS = 2_000;

/** How soon what no notice told of is seen: an expiry, an authority too old, a freeze just read. */
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
  /** On whose word it passes; null while it waits for that, when there is nothing to cut. */
  by: Exclude<Decision['by'], 'nobody'> | null;
  /** Its agent or grant changed since it was last looked up. */
  doubtful: boolean;
}

interface Parts {
  readonly db: Db;
  readonly listener: Listener;
  readonly standing: Standing;
  readonly freeze: FreezeWatch;
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
  const deaf = parts.listener.onNotice((notice) => {
    // Every use of a grant tells of it: what is over before the next round need not be looked up.
    for (const one of open) if (isAbout(notice, one)) one.doubtful = true;
  });
  return {
    enter({ response, caller, target }) {
      if (lastingOf(caller.agent.id, open).length >= MOST_LASTING) refuse('rate_limited', TOO_MANY, LATER);
      const one: Open = { response, caller, target, since: performance.now(), by: null, doubtful: false };
      open.add(one);
      response.once('close', () => open.delete(one));
      return one;
    },
    async stop() {
      deaf();
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
  for (const one of [...open.filter(isOver), ...beyond]) one.response.destroy();
  if (parts.freeze.isFrozen()) for (const one of open) one.response.destroy();
  await Promise.all(
    open.filter(isPassing).map(async (one) => {
      if (!(await isStillAllowed(parts, one))) one.response.destroy();
    }),
  );
  await lookUp(parts.db, open.filter(({ doubtful }) => doubtful).filter(isPassing));
}

function isOver({ by, caller, since }: Open): boolean {
  if (caller.kind === 'grant' && Date.now() >= caller.grant.expiresAt.getTime()) return true;
  return by === 'rest' && performance.now() - since > MOST_REST_SECONDS * 1_000;
}

/** By what was signed; an authority that does not hold, or is too old to be believed, allows nothing (P7). */
async function isStillAllowed({ standing }: Parts, { by, caller, target }: Open): Promise<boolean> {
  const seconds = by === 'rest' ? target.config.outageSeconds : ABOVE_REST_SECONDS;
  const authority: Authority | null = await standing.authority({ seconds }).catch(() => null);
  if (authority?.targets.get(target.signed.id)?.active !== true) return false;
  return by !== 'rest' || mayRest(authority, target.signed, caller);
}

/** The rows of what is in doubt. Where the database is away they stay in doubt, and the authority's age decides. */
async function lookUp(db: Db, open: readonly Open[]): Promise<void> {
  if (open.length === 0) return;
  const grantIds = open.flatMap(({ caller }) => (caller.kind === 'grant' ? [caller.grant.id] : []));
  for (const one of open) one.doubtful = false;
  try {
    const [agents, grants] = await Promise.all([
      db.agent.findMany({ where: { id: { in: open.map(({ caller }) => caller.agent.id) }, state: 'active' } }),
      db.grant.findMany({ where: { id: { in: grantIds }, ...LIVE }, select: { id: true } }),
    ]);
    const keys = new Map(agents.map((row) => [row.id, credentialOf(row)]));
    const live = new Set(grants.map(({ id }) => id));
    for (const { caller, response } of open) {
      const isSame = keys.get(caller.agent.id) === `${caller.agent.tokenHash} ${caller.agent.keyThumbprint}`;
      if (!isSame || (caller.kind === 'grant' && !live.has(caller.grant.id))) response.destroy();
    }
  } catch (error) {
    for (const one of open) one.doubtful = true;
    throw error;
  }
}

/** A grant whose last use this very answer may be is spent and not revoked: the answer is still its own. */
const LIVE = { OR: [{ state: 'active' }, { endReason: 'spent' }] };

const credentialOf = (row: { readonly tokenHash: string; readonly publicJwk: unknown }): string =>
  `${row.tokenHash} ${jwkThumbprint(row.publicJwk)}`;
