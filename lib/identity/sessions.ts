import { append } from '#lib/audit';
import { addSeconds, newId } from '#lib/core';
import { type Db, Prisma, type Session, type Tx } from '#lib/db';

/** A session ends 12 h after sign-in, and 1 h after its last use. */
const ABSOLUTE_SECONDS = 12 * 3_600;

/** What makes a session open, read from its row on every request by the database's clock. The cookie only names the row. */
const OPEN = Prisma.sql`s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
  AND s.last_seen_at > clock_timestamp() - interval '1 hour' AND h.state = 'active'
  AND s.created_at <= clock_timestamp() + interval '1 second' AND s.expires_at <= s.created_at + make_interval(secs => ${ABSOLUTE_SECONDS})
  AND (h.signed_out_at IS NULL OR s.created_at > h.signed_out_at)`;

/** The person behind a session, as their row has them now: a new role counts at once (T66). */
export interface SignedIn {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: 'owner' | 'approver' | 'reviewer';
  readonly sessionId: string;
  readonly method: 'key' | 'oidc';
  /** The best class among their active keys, or null. */
  readonly bestKey: 'attested' | 'claimed' | 'synced' | null;
}

export interface NewSession {
  readonly humanId: string;
  readonly method: 'key' | 'oidc';
  readonly userAgent: string;
  /** What it rests on: the key's id, or the provider's issuer and subject. */
  readonly proof: { readonly [name: string]: string };
}

/** Starts a session, for a person whom the caller has identified. Returns its id, `ses_…`. */
export async function startSession(tx: Tx, now: Date, session: NewSession): Promise<string> {
  const { humanId, method, userAgent, proof } = session;
  const id = newId('ses');
  await tx.session.create({
    data: {
      id,
      humanId,
      method,
      userAgent: userAgent.slice(0, 300),
      createdAt: now,
      lastSeenAt: now,
      expiresAt: addSeconds(now, ABSOLUTE_SECONDS),
    },
  });
  await append(tx, {
    kind: 'session.started',
    actor: humanId,
    at: now,
    humanId,
    data: { sessionId: id, method, ...proof },
  });
  return id;
}

interface OpenRow extends Omit<SignedIn, 'bestKey'> {
  readonly classes: readonly string[];
  readonly stale: boolean;
}

/**
 * Finds the person behind a session. Null where it is over: revoked, too old,
 * unused for too long, or its person disabled or signed out since (T66). `touch` makes this a use;
 * uses are written at most once a minute.
 */
export async function openSession(db: Db, sessionId: string, { touch = true } = {}): Promise<SignedIn | null> {
  const rows = await db.$queryRaw<OpenRow[]>`
    SELECT h.id, h.name, h.email, h.role, s.id AS "sessionId", s.method,
      s.last_seen_at < clock_timestamp() - interval '1 minute' AS stale,
      ARRAY(SELECT k.class FROM keys k WHERE k.human_id = h.id AND k.state = 'active') AS classes
    FROM sessions s JOIN humans h ON h.id = s.human_id WHERE s.id = ${sessionId} AND ${OPEN}`;
  const row = rows[0];
  if (row === undefined) return null;
  if (touch && row.stale)
    await db.$executeRaw`UPDATE sessions SET last_seen_at = clock_timestamp() WHERE id = ${sessionId}`;
  const { classes, stale: _stale, ...human } = row;
  return { ...human, bestKey: bestOf(classes) };
}

const bestOf = (classes: readonly string[]): SignedIn['bestKey'] =>
  (['attested', 'claimed', 'synced'] as const).find((known) => classes.includes(known)) ?? null;

/** Lists a person's open sessions, the last used first. */
export function openSessionsOf(
  db: Db,
  humanId: string,
): Promise<Array<Pick<Session, 'id' | 'method' | 'userAgent' | 'createdAt' | 'lastSeenAt'>>> {
  return db.$queryRaw`
    SELECT s.id, s.method, s.user_agent AS "userAgent", s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt"
    FROM sessions s JOIN humans h ON h.id = s.human_id
    WHERE s.human_id = ${humanId} AND ${OPEN} ORDER BY s.last_seen_at DESC`;
}

/** Ends a session of that person. False where it is another's, or over already. */
export async function endSession(
  tx: Tx,
  now: Date,
  end: { readonly sessionId: string; readonly humanId: string },
): Promise<boolean> {
  const { sessionId, humanId } = end;
  const { count } = await tx.session.updateMany({
    where: { id: sessionId, humanId, revokedAt: null },
    data: { revokedAt: now },
  });
  if (count === 0) return false;
  await append(tx, { kind: 'session.ended', actor: humanId, at: now, humanId, data: { sessionId } });
  return true;
}
