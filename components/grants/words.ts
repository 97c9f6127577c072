import type { GrantView } from '#lib/views';

type Tone = 'neutral' | 'accent' | 'ok' | 'warn' | 'danger' | 'alarm';

const ENDS = {
  expired: 'its time ran out',
  revoked: 'it was revoked',
  spent: 'it was used up',
  voided: 'its approval no longer held',
} as const;

/** Why it ended or is ending, in words; empty where nothing ended it yet. */
export function endWords({ endReason }: Pick<GrantView, 'endReason'>): string {
  return endReason === null ? '' : ENDS[endReason];
}

/** A grant's state in a word. What is not proven dead is never called ended (P5). */
export function grantState(grant: Pick<GrantView, 'state' | 'stillLive'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  if (grant.stillLive !== null) return { word: 'STILL LIVE', tone: 'alarm' };
  switch (grant.state) {
    case 'waiting':
      return { word: 'cooling down', tone: 'warn' };
    case 'ready':
      return { word: 'approved, not collected', tone: 'accent' };
    case 'active':
      return { word: 'live', tone: 'accent' };
    case 'ending':
      return { word: 'ending…', tone: 'warn' };
    case 'ended':
      return { word: 'ended', tone: 'ok' };
  }
}

export const KINDS: Readonly<Record<GrantView['kind'], string>> = {
  elevated: 'credential',
  exact: 'one exact operation',
  resting: 'reading at rest',
};

/** How much of its use is left, in words. */
export function usesLeft({ uses, maxUses }: Pick<GrantView, 'uses' | 'maxUses'>): string {
  if (maxUses === null) return 'not counted';
  return `${Math.max(0, maxUses - uses)} of ${maxUses} left`;
}
