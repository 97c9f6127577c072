import { afterEach, expect, test, vi } from 'vitest';
import { gatewayEnv, wardenEnv, webEnv } from './env';

afterEach(() => vi.unstubAllEnvs());

const given = (variables: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
};

test('Without a word each process listens on the port of its origin, on this machine only', () => {
  given({ WARDEN_DATABASE_URL: 'postgresql://warden@db/c', GATEWAY_DATABASE_URL: 'postgresql://gateway@db/c' });
  const { signPort, agentPort, listenHost } = wardenEnv();
  expect([signPort, agentPort, listenHost]).toEqual([3100, 3300, '127.0.0.1']);
  expect([gatewayEnv().gatewayPort, gatewayEnv().listenHost]).toEqual([3200, '127.0.0.1']);
});

test('Every process knows the address of every door', () => {
  const origins = {
    WEB_ORIGIN: 'https://countersign.example',
    SIGN_ORIGIN: 'https://sign.example',
    AGENT_ORIGIN: 'https://agents.example',
    GATEWAY_ORIGIN: 'https://gateway.example',
  };
  given({
    ...origins,
    DATABASE_URL: 'x',
    WARDEN_DATABASE_URL: 'x',
    GATEWAY_DATABASE_URL: 'x',
    SESSION_SECRET: 's'.repeat(32),
  });
  for (const env of [webEnv(), wardenEnv(), gatewayEnv()]) {
    const { webOrigin, signOrigin, agentOrigin, gatewayOrigin } = env;
    expect([webOrigin, signOrigin, agentOrigin, gatewayOrigin]).toEqual(Object.values(origins));
  }
});

test("A copy of the gateway keeps its own key and journal in a folder of its own, beside every copy's", () => {
  given({ GATEWAY_DATABASE_URL: 'x', GATEWAY_DIR: '/run/keys', PUBLIC_DIR: '/run/public' });
  expect(gatewayEnv()).toMatchObject({ instanceDir: '/run/keys/instance', publicDir: '/run/public' });
  given({ GATEWAY_INSTANCE_DIR: '/var/lib/copy-2' });
  expect(gatewayEnv()).toMatchObject({ gatewayDir: '/run/keys', instanceDir: '/var/lib/copy-2' });
});

test("Proxies that are no addresses are refused in one sentence: nobody's word counts by accident (T53)", () => {
  given({ GATEWAY_DATABASE_URL: 'x', FORWARD_AUTH_PROXIES: '10.0.0.5, 10.1.0.0/16' });
  expect(gatewayEnv().forwardAuthProxies).toEqual(['10.0.0.5', '10.1.0.0/16']);
  given({ FORWARD_AUTH_PROXIES: 'proxy.example' });
  expect(gatewayEnv).toThrow(/^Set FORWARD_AUTH_PROXIES: must be IP addresses or ranges/);
});
