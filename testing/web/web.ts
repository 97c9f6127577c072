import type { Web } from '#lib/console';

/** Where lib/console/web.ts keeps the one it has opened. */
const slot = globalThis as { countersignWeb?: Web };

/** Puts another web in place of the one that the environment describes. */
export function provideWeb(other: Web): void {
  slot.countersignWeb = other;
}
