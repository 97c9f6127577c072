import type { KeyFacts } from '#lib/statement';
import type { Authority, SignedKey } from './authority';

/** A key that signs changes of the chain, the recovery code's among them. */
export const signerOf = ({ keys, recovery }: Authority, id: string): SignedKey | undefined =>
  keys.get(id) ?? (recovery?.id === id ? recovery : undefined);

/** A key's class. `hardware` is what a key said of itself while nothing was verified. */
export const classOf = (said: KeyFacts['class']): SignedKey['class'] => (said === 'hardware' ? 'claimed' : said);

/** Whether a key may sign for production. The only rule about it. */
export const fitsProduction = (
  key: Pick<SignedKey, 'class'>,
  { acceptsClaimed }: Pick<Authority, 'acceptsClaimed'>,
): boolean => key.class === 'attested' || (key.class === 'claimed' && acceptsClaimed);

/** The authority without these keys: those that the warden retired by itself, which count no more than disabled ones. */
export function withoutKeys(authority: Authority, ids: readonly string[]): Authority {
  if (ids.length === 0) return authority;
  const keys = [...authority.keys].map(
    ([id, key]) => [id, { ...key, active: key.active && !ids.includes(id) }] as const,
  );
  const recovery = ids.includes(authority.recovery?.id ?? '') ? null : authority.recovery;
  return { ...authority, keys: new Map(keys), recovery };
}
