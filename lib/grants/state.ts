/** `waiting` (cooldown) → `ready` → `active` → `ending` → `ended`; never back. */
export type GrantState = 'waiting' | 'ready' | 'active' | 'ending' | 'ended';
export type EndReason = 'expired' | 'revoked' | 'spent' | 'voided';

/** May still be asked to end. */
export const canEnd = (state: GrantState): boolean => state === 'waiting' || state === 'ready' || state === 'active';

/** The window to collect is open: ready, cooldown over, not past `collectBy`. */
export function canCollect(
  grant: { readonly state: string; readonly readyAt: Date; readonly collectBy: Date },
  now: Date,
): boolean {
  return grant.state === 'ready' && grant.readyAt <= now && now < grant.collectBy;
}
