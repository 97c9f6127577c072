import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseDotenv } from './dotenv';

test.each([
  ['.env', 'export GATEWAY_DATABASE_URL=postgresql://x', true],
  ['.env.production.local', 'A=1\nWARDEN_DATABASE_URL_FILE=/x\n', true],
  ['.env', 'DATABASE_URL=postgresql://x', false],
  ['.env', '# WARDEN_DATABASE_URL=postgresql://x', false],
  ['env', 'WARDEN_DATABASE_URL=postgresql://x', false],
])('%s with %j in the checkout: refused is %s, since Next.js reads it into web (P3)', (name, text, refused) => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-dotenv-'));
  writeFileSync(join(dir, name), text);
  const check = () => refuseDotenv(dir);
  if (refused) expect(check).toThrow(new RegExp(`^${name} names a database .* move it out of the checkout`));
  else expect(check).not.toThrow();
  rmSync(dir, { recursive: true });
});

test('The example that is shipped has nothing set', () => {
  expect(() => refuseDotenv('.')).not.toThrow();
});
