import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Passwords } from '#scripts/postgres';
import { putOnce } from './files';
import type { Layout } from './layout';

export interface Secrets extends Passwords {
  /** Of the embedded server's superuser. */
  readonly admin: string;
  /** Of the sample database's broker. */
  readonly sample: string;
}

const KEPT = ['admin', 'owner', 'sample'] as const;

/**
 * The database's passwords. The starter keeps its own three; those of the
 * processes' roles are new at every start and stand in no file.
 */
export function openSecrets(layout: Layout): Secrets {
  const file = { workshop: layout.dir, path: layout.secrets, mode: 0o600, owner: null };
  putOnce(file, () => JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, random()]))));
  const kept = JSON.parse(readFileSync(layout.secrets, 'utf8')) as Pick<Secrets, (typeof KEPT)[number]>;
  return { ...kept, web: random(), warden: random(), gateway: random() };
}

const random = () => randomBytes(24).toString('base64url');
