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

/** Why the warden may not retire a key by itself: it is off, or without it no owner could sign anything, and let anybody back in. */
export function retirementRefusal({ humans, keys }: Authority, keyId: string): string | null {
  if (!keys.get(keyId)?.active) return 'there is no such key.';
  const others = [...keys.values()].some(({ id, humanId, active }) => {
    const human = humans.get(humanId);
    return id !== keyId && active && human?.active === true && human.role === 'owner';
  });
  return others ? null : 'it is the only key that an owner has.';
}
