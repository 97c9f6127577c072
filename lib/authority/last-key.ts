import type { Authority } from './authority';

/** Whether without this key no owner could sign anything: then nobody could let anybody back in. */
export function isLastOwnersKey({ humans, keys }: Authority, keyId: string): boolean {
  return ![...keys.values()].some(({ id, humanId, active }) => {
    const human = humans.get(humanId);
    return id !== keyId && active && human?.active === true && human.role === 'owner';
  });
}
