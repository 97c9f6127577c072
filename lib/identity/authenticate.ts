import { iso, looksLikeToken, refuse, sha256Base64url } from '#lib/core';
import type { Agent, Db } from '#lib/db';

/** The agent that a token stands for, as its row has it. */
export type CallingAgent = Pick<
  Agent,
  'id' | 'name' | 'description' | 'ownerId' | 'publicJwk' | 'tokenHash' | 'expiresAt'
>;

interface AgentRow extends CallingAgent {
  readonly now: Date;
  readonly stale: boolean;
}

/**
 * Finds the agent behind `Authorization: Bearer cs_ask_…`, and reads the
 * database's time in the same round trip. Throws `unauthenticated`, in the same
 * words for an unknown token as for a rotated one or a disabled agent's. A
 * mistyped token is named as such, since its checksum is no secret.
 */
export async function authenticateAgent(
  db: Db,
  authorization: string | null,
): Promise<{ agent: CallingAgent; now: Date }> {
  const token = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return refuse('unauthenticated', 'Send your ask token: Authorization: Bearer cs_ask_…');
  if (looksLikeToken('col', token)) {
    return refuse(
      'unauthenticated',
      'This is a collect secret, which is sent where grants are collected and nowhere else. It was seen here: ask the agent’s owner for new secrets.',
    );
  }
  if (!looksLikeToken('ask', token)) {
    return refuse(
      'unauthenticated',
      'This is not a whole ask token: its checksum does not match. It was mistyped or cut off when copied.',
    );
  }
  const tokenHash = sha256Base64url(token);
  const rows = await db.$queryRaw<AgentRow[]>`
    SELECT id, name, description, owner_id AS "ownerId", public_jwk AS "publicJwk", token_hash AS "tokenHash",
      expires_at AS "expiresAt",
      clock_timestamp() AS now,
      last_seen_at IS NULL OR last_seen_at < clock_timestamp() - interval '1 minute' AS stale
    FROM agents WHERE state = 'active' AND (token_hash = ${tokenHash}
      OR (previous_token_hash = ${tokenHash} AND previous_until > clock_timestamp()))`;
  const row = rows[0] ?? refuse('unauthenticated', 'No active agent has this token. Ask its owner for a new one.');
  const { now, stale, ...agent } = row;
  if (agent.expiresAt <= now)
    refuse('unauthenticated', `This token ended on ${iso(agent.expiresAt)}. Ask the agent’s owner for a new one.`);
  if (stale) await db.agent.updateMany({ where: { id: agent.id }, data: { lastSeenAt: now } });
  return { agent, now };
}
