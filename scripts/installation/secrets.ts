import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Passwords } from '#scripts/postgres';

export interface Secrets extends Passwords {
  /** Of the embedded server's superuser. */
  readonly admin: string;
  /** Of the sample database's broker. */
  readonly sample: string;
}

export const sessionSecretFile = (dir: string): string => join(dir, 'session.secret');
export const sampleFile = (dir: string): string => join(dir, 'sample.json');

/** Makes the installation's folder and its passwords on the first start, and reads them on every other. */
export function openSecrets(dir: string): Secrets {
  // Passable for root's PostgreSQL, which runs as another user and keeps its data inside; what is in it stays private.
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, process.getuid?.() === 0 ? 0o711 : 0o700);
  once(sessionSecretFile(dir), () => random());
  const names = ['admin', 'owner', 'web', 'warden', 'sample'];
  const text = once(join(dir, 'secrets.json'), () =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, random()]))),
  );
  return JSON.parse(text) as Secrets;
}

export function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
}

function once(path: string, make: () => string): string {
  if (!existsSync(path)) writePrivate(path, make());
  return readFileSync(path, 'utf8');
}

const random = () => randomBytes(24).toString('base64url');
