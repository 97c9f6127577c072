import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings } from './settings';

test('Without a word from the operator it runs on five ports of localhost, closed to other machines', () => {
  const { webOrigin, ports, listenHost, external } = readSettings({});
  expect({ webOrigin, ports, listenHost, external }).toEqual({
    webOrigin: 'http://localhost:3000',
    ports: { web: 3000, sign: 3100, agents: 3300, gateway: 3200, postgres: 3432 },
    listenHost: '127.0.0.1',
    external: null,
  });
});

test('Behind a proxy the ports differ from the origins', () => {
  const { ports, listenHost } = readSettings({ WEB_ORIGIN: 'https://countersign.example', WEB_PORT: '8080' });
  expect([ports.web, listenHost]).toEqual([8080, '0.0.0.0']);
});

test('Root keeps everything where other users can pass; everybody else in the checkout', () => {
  expect([readSettings({}, true).dir, readSettings({}, false).dir]).toEqual([
    '/var/lib/countersign',
    resolve('.countersign'),
  ]);
  expect(readSettings({ COUNTERSIGN_DIR: '/srv/countersign' }, true).dir).toBe('/srv/countersign');
});

test('Only named variables are passed on, and each process gets its own', () => {
  const { passed, passedToWeb, passedToGateway } = readSettings({
    TZ: 'UTC',
    HOME: '/root',
    OIDC_ISSUER: 'https://id.example',
    FORWARD_AUTH_PROXIES: '10.0.0.5',
    AWS_SECRET_ACCESS_KEY: 'canary',
  });
  expect(JSON.stringify({ passed, passedToWeb, passedToGateway })).not.toMatch(/canary|root/);
  expect([passed['TZ'], passed['OIDC_ISSUER'], passed['FORWARD_AUTH_PROXIES']]).toEqual(['UTC', undefined, undefined]);
  expect([passedToWeb['OIDC_ISSUER'], passedToWeb['FORWARD_AUTH_PROXIES']]).toEqual(['https://id.example', undefined]);
  expect(passedToGateway).toEqual({ FORWARD_AUTH_PROXIES: '10.0.0.5' });
});

test("Secrets may stand in files that only the starter's user can read", () => {
  const dir = mkdtempSync(join(tmpdir(), 'settings-'));
  const inFile = (name: string, text: string): string => {
    writeFileSync(join(dir, name), `${text}\n`);
    return join(dir, name);
  };
  const { external, passedToWeb } = readSettings({
    DATABASE_URL_FILE: inFile('web', 'postgresql://web@db/countersign'),
    WARDEN_DATABASE_URL: 'postgresql://warden@db/countersign',
    GATEWAY_DATABASE_URL_FILE: inFile('gateway', 'postgresql://gateway@db/countersign'),
    OIDC_CLIENT_SECRET_FILE: inFile('oidc', 'hush'),
  });
  rmSync(dir, { recursive: true });
  expect(external).toEqual({
    web: 'postgresql://web@db/countersign',
    warden: 'postgresql://warden@db/countersign',
    gateway: 'postgresql://gateway@db/countersign',
  });
  expect(passedToWeb['OIDC_CLIENT_SECRET']).toBe('hush');
});

for (const [env, sentence] of [
  [{ DATABASE_URL: 'postgresql://x' }, /^Set WARDEN_DATABASE_URL and GATEWAY_DATABASE_URL too/],
  [{ DATABASE_URL: 'postgresql://x', WARDEN_DATABASE_URL: 'postgresql://y' }, /^Set GATEWAY_DATABASE_URL too/],
  [{ AGENT_ORIGIN: 'localhost:3300' }, /^Set AGENT_ORIGIN to an origin/],
  [{ WEB_ORIGIN: 'http://localhost:3000/' }, /^Set WEB_ORIGIN to an origin/],
  [{ SIGN_PORT: '70000' }, /^Set SIGN_PORT to a port between 1 and 65535/],
] as const) {
  test(`${Object.entries(env).join(' ')} is refused in one sentence`, () => {
    expect(() => readSettings(env)).toThrow(sentence);
  });
}
