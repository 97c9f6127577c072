import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '#scripts/postgres';

const PLACES = ['/usr/lib/postgresql/18/bin/pgbench', '/usr/lib/postgresql/15/bin/pgbench', '/usr/bin/pgbench'];

/** Commits a second of one counted use as two statements, 16 clients; NaN where there is no pgbench. */
export async function pgbench(url: string, seconds: number): Promise<number> {
  const program = PLACES.find((path) => existsSync(path));
  if (program === undefined) return Number.NaN;
  await withClient(url, (client) =>
    client.query(`
    CREATE TABLE bare_grants (id int PRIMARY KEY, uses int NOT NULL DEFAULT 0, state text NOT NULL DEFAULT 'active');
    INSERT INTO bare_grants VALUES (1);
    CREATE TABLE bare_events (seq bigserial PRIMARY KEY, grant_id int, body text);`),
  );
  const file = join(mkdtempSync(join(tmpdir(), 'countersign-pgbench-')), 'use.sql');
  writeFileSync(
    file,
    `BEGIN;
UPDATE bare_grants SET uses = uses + 1 WHERE id = 1 AND state = 'active';
INSERT INTO bare_events (grant_id, body) VALUES (1, repeat('x', 500));
COMMIT;
`,
  );
  const args = ['-n', '-f', file, '-c', '16', '-j', '1', '-T', String(seconds), '-M', 'prepared', url];
  const said = execFileSync(program, args, { encoding: 'utf8' });
  return Number(/tps = ([\d.]+)/.exec(said)?.[1]);
}
