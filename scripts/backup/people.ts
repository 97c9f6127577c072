import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Pin, replay } from '#lib/authority';
import { type Layout, readPlain } from '#scripts/folder';
import type { Settings } from '#scripts/installation';
import type { Owner } from '#scripts/machine';

/** Somebody who decides by the chain that the warden will believe. */
export interface Deciding {
  readonly name: string;
  readonly role: string;
  /** Each key's label and the beginning of its credential's id. */
  readonly keys: readonly string[];
}

/** Every active person by the warden's own copy of the chain, each signature verified. Rows of a database say what somebody wrote there. */
export async function peopleIn(
  { warden, public: folder }: Layout,
  owner: Owner | null,
  settings: Settings,
): Promise<readonly Deciding[]> {
  const [pinFile, chainFile] = [join(warden.dir, 'pin.json'), join(warden.dir, 'chain.log')];
  if (!existsSync(pinFile) || !existsSync(chainFile)) return [];
  const pin = JSON.parse(readPlain(pinFile, owner)) as Pin;
  const lines = readPlain(chainFile, owner).split('\n').slice(0, -1);
  const entries = lines.map((line) => JSON.parse(line));
  const rpId = settings.passed['RP_ID'] ?? 'localhost';
  const verifier = {
    ...{ origin: settings.signOrigin, rpId },
    warden: createPublicKey(readFileSync(join(folder, 'warden.pem'))),
  };
  const { humans, keys } = await replay(pin, entries, verifier).catch((cause: unknown) => {
    throw new Error(
      `What was signed does not hold at ${settings.signOrigin}: set the origins as they were. Or the backup is not what it says.`,
      { cause },
    );
  });
  const keysOf = (id: string): string[] =>
    [...keys.values()]
      .filter((key) => key.active && key.humanId === id)
      .map(({ label, credentialId }) => `${label} (${credentialId.slice(0, 12)}…)`);
  return [...humans.values()]
    .filter(({ active }) => active)
    .map(({ id, name, role }) => ({ name, role, keys: keysOf(id) }));
}
