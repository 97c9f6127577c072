import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OTHERS = /^\s*(?:export\s+)?(?:WARDEN|GATEWAY)_DATABASE_URL(?:_FILE)?\s*=/m;

/** Throws where Next.js would read into web, from a `.env` beside it, how the others reach the database (P3). */
export function refuseDotenv(dir: string): void {
  const [found] = readdirSync(dir).filter(
    (name) => /^\.env(\.|$)/.test(name) && OTHERS.test(readFileSync(join(dir, name), 'utf8')),
  );
  if (found === undefined) return;
  throw new Error(
    `${found} names a database of the warden’s or the gateway’s, and Next.js would read it into web: move it out of the checkout, and start with node --env-file=<where it is then> scripts/start.mjs.`,
  );
}
