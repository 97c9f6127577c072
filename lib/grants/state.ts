/** `waiting` (cooldown) → `ready` → `active` → `ending` → `ended`; never back. */
export type GrantState = 'waiting' | 'ready' | 'active' | 'ending' | 'ended';
export type EndReason = 'expired' | 'revoked' | 'spent' | 'voided';

/** What may ask for an end. */
const ENDS_GRANTS = /^(warden|clock|(hum|agt)_[0-9a-z]{20})$/;

const REASONS: readonly EndReason[] = ['expired', 'revoked', 'spent', 'voided'];

/** Why a grant ends by its row, which web's role may write: what is no reason, and nobody who ends grants, is not repeated. */
export const endOf = (row: {
  readonly endReason: string | null;
  readonly endedBy: string | null;
}): { readonly reason: EndReason; readonly by: string } => ({
  reason: REASONS.find((reason) => reason === row.endReason) ?? 'revoked',
  by: row.endedBy !== null && ENDS_GRANTS.test(row.endedBy) ? row.endedBy : 'warden',
});

/** Grants that nobody has begun to end: a `where`. */
export const LIVE = { state: { in: ['waiting', 'ready', 'active'] } };

/** Whether `askForEnd` would still change something. */
export const canEnd = (state: GrantState): boolean => LIVE.state.in.includes(state);

/** Whether a grant can be collected now: it is ready, its cooldown is over, its window to collect is open. */
export function canCollect(
  grant: { readonly state: string; readonly readyAt: Date; readonly collectBy: Date },
  now: Date,
): boolean {
  return grant.state === 'ready' && grant.readyAt <= now && now < grant.collectBy;
}

/** The ids an audit event about a grant carries. */
export const subjectOf = (grant: { id: string; agentId: string; targetId: string; requestId: string | null }) => ({
  grantId: grant.id,
  agentId: grant.agentId,
  targetId: grant.targetId,
  requestId: grant.requestId ?? undefined,
});
