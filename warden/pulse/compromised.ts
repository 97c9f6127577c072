import { DomainError } from '#lib/core';
import { retireKey } from '#warden/changes';
import type { SignWarden } from '../context';

/**
 * Retires every key of a model that FIDO's metadata reports as anybody's: what
 * such a key signs may be somebody else's. U2F keys name no model, and are not
 * found by it.
 */
export async function retireCompromised(warden: SignWarden): Promise<void> {
  const { metadata } = warden.makers.current();
  if (metadata === null) return;
  for (const { id, aaguid } of await activeKeys(warden)) {
    const model = metadata.byAaguid.get(aaguid);
    if (model === undefined || model.compromised === null) continue;
    await retireKey(warden, id, `FIDO’s metadata reports its model, ${model.name}, as ${model.compromised}.`);
  }
}

/** None while the chain does not hold: the alarm about that stands already. */
async function activeKeys({ authority, db }: SignWarden) {
  try {
    return [...(await authority.current(db)).keys.values()].filter(({ active }) => active);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'minting_stopped') return [];
    throw error;
  }
}
