import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backOff } from './back-off';
import { readSettings } from './settings';

test('Without a word from the operator it runs on three ports of localhost, closed to other machines', () => {
  const { webOrigin, ports, listenHost, external } = readSettings({});
  expect({ webOrigin, ports, listenHost, external }).toEqual({
    webOrigin: 'http://localhost:3000',
    ports: { web: 3000, sign: 3100, gateway: 3200, postgres: 3432 },
    listenHost: '127.0.0.1',
    external: null,
  });
});

test('Behind a proxy the ports differ from the origins', () => {
  const { ports, listenHost } = readSettings({ WEB_ORIGIN: 'https://countersign.example', WEB_PORT: '8080' });
  expect([ports.web, listenHost]).toEqual([8080, '0.0.0.0']);
});

test('Only named variables are passed on, and each process gets its own', () => {
  const { passed, passedToWeb } = readSettings({
    TZ: 'UTC',
    OIDC_ISSUER: 'https://id.example',
    AWS_SECRET_ACCESS_KEY: 'canary',
  });
  expect(JSON.stringify({ passed, passedToWeb })).not.toContain('canary');
  expect([passed['TZ'], passed['OIDC_ISSUER'], passedToWeb['OIDC_ISSUER']]).toEqual([
    'UTC',
    undefined,
    'https://id.example',
  ]);
});

test('A database URL may stand in a file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'url');
  writeFileSync(file, 'postgresql://web@db/countersign\n');
  const { external } = readSettings({
    DATABASE_URL_FILE: file,
    WARDEN_DATABASE_URL: 'postgresql://warden@db/countersign',
  });
  expect(external?.web).toBe('postgresql://web@db/countersign');
});

for (const [env, sentence] of [
  [{ DATABASE_URL: 'postgresql://x' }, /^Set WARDEN_DATABASE_URL too/],
  [{ WEB_ORIGIN: 'http://localhost:3000/' }, /^Set WEB_ORIGIN to an origin/],
  [{ SIGN_PORT: '70000' }, /^Set SIGN_PORT to a port between 1 and 65535/],
] as const) {
  test(`${Object.keys(env)[0]}=${Object.values(env)[0]} is refused in one sentence`, () => {
    expect(() => readSettings(env)).toThrow(sentence);
  });
}

test('A process that keeps dying waits longer each time, up to ten seconds, and less after a healthy life', () => {
  let now = 0;
  const pause = backOff(() => now);
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => pause.next())).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  pause.began();
  now += 31_000;
  expect(pause.next()).toBe(250);
});
