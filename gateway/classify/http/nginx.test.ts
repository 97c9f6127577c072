import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpProfile } from '#lib/profiles';
import { chanceOf, hasNginx, type Line, type Nginx, nastyTarget, refusalOf, startNginx } from '#testing/classify';
import { classifyHttp } from './classify';
import { readTarget } from './path';

/*
 * The same raw requests, classified here and sent through a real nginx to a server
 * that says what reached it. Whatever is accepted here must reach it as what it
 * was classified to be (T50, T51).
 */

const present = hasNginx();
if (!present) console.info('Skipped: nginx is not on this machine (Debian: apt-get install nginx-light).');

/** Each reads differently on some server; most are refused here. */
const TABLE = [
  '/',
  '/v1/things',
  '/v1/things/',
  '/v1/%74hings',
  '/v1/caf%C3%A9',
  '/v1/caf%c3%a9/%e2%82%ac',
  '/a%20b',
  '/a+b',
  '/a%2Bb',
  '/%2A',
  "/People('x')",
  '/~a/@b:c,d=e&f$g!h',
  '/%40%3A%2C%3D%26%24%21',
  '/%22%3C%3E%5E%60%7B%7C%7D',
  '/%5B1%5D',
  '/a?b=1&c=%2F..%2F',
  '/a?b=/../c',
  '/a?b?c',
  '/a?',
  '/a??',
  '/.well-known/x',
  '/..a/b',
  '/a/./b',
  '/a/../b',
  '/../a',
  '/a/..',
  '/%2e%2e/a',
  '/a/%2e%2e/b',
  '/a/.%2E/b',
  '/%252e%252e/a',
  '/a%2fb',
  '/a%5cb',
  '/a\\b',
  '/a//b',
  '//a',
  '/a;b/c',
  '/a;/../b',
  '/..;/a',
  '/a%3bb',
  '/a%00b',
  '/a%0d%0aX-Y:1',
  '/a%09b',
  '/a%7fb',
  '/%c0%ae%c0%ae/a',
  '/a%ffb',
  '/a%',
  '/a%zz',
  '/a#b',
  '/a%23b',
  '/a%3fb',
  '/a.',
  '/a%20',
  '/é',
  '/a"b',
  '/a|b',
  '/(S(x))/a',
  '/%ef%bc%8e%ef%bc%8e/a',
  '/%E2%80%AE/a',
  `/${'a'.repeat(1_990)}`,
];

/** Targets by chance; a blank or a line end would be another request. */
const byChance = (count: number): string[] => {
  const chance = chanceOf(20_261_123);
  const found: string[] = [];
  while (found.length < count) {
    const target = nastyTarget(chance);
    if (/^\/[^\s#]*$/.test(target)) found.push(target);
  }
  return found;
};

const segmentsOf = (target: string): readonly string[] =>
  (target.split('?', 1)[0] ?? '').slice(1).split('/').map(decodeURIComponent);

describe.skipIf(!present)(
  'Between the gateway’s classification and a service stands a real nginx (skipped where there is none)',
  () => {
    let nginx: Nginx;
    beforeAll(async () => {
      nginx = await startNginx();
    });
    afterAll(() => nginx?.stop());

    /** What is wrong about how a target arrives, or null. */
    async function wrong(method: string, raw: string): Promise<string | null> {
      if (refusalOf(() => readTarget(raw)) !== null) return null;
      const { path, query, segments } = readTarget(raw);
      for (const sent of [raw, path + query]) {
        const got: Line | number = await nginx.send(method, `/t/x${sent}`);
        if (typeof got === 'number') return `${sent}: nginx itself answered ${got}`;
        if (got.method !== method) return `${sent}: arrived as ${got.method}`;
        if (JSON.stringify(segmentsOf(got.target)) !== JSON.stringify(segments))
          return `${sent}: arrived as ${got.target}`;
        const at = got.target.indexOf('?');
        const arrived = at === -1 ? '' : got.target.slice(at);
        if (sent !== raw && arrived !== query) return `${sent}: its query arrived as ${arrived}`;
      }
      return null;
    }

    test('every target of the table that is accepted arrives as it was classified (T50)', async () => {
      const faults: string[] = [];
      for (const raw of TABLE) {
        const fault = await wrong('GET', raw);
        if (fault !== null) faults.push(fault);
      }
      expect(faults).toEqual([]);
      const accepted = TABLE.filter((raw) => refusalOf(() => readTarget(raw)) === null);
      expect(accepted.length).toBeGreaterThan(15);
    });

    test('so do a thousand by chance', async () => {
      const targets = byChance(1_000);
      const faults: string[] = [];
      let accepted = 0;
      for (const raw of targets) {
        if (refusalOf(() => readTarget(raw)) === null) accepted += 1;
        const fault = await wrong('GET', raw);
        if (fault !== null) faults.push(fault);
      }
      console.info(`nginx: of 1000 targets by chance ${accepted} are accepted; what arrived was what was classified`);
      expect(faults).toEqual([]);
      expect(accepted).toBeGreaterThan(200);
    }, 120_000);

    test('nginx does read some of them otherwise, and those are refused here', async () => {
      const changed: string[] = [];
      for (const raw of TABLE.filter((one) => /^\/[!-~]*$/.test(one) && !one.includes('#'))) {
        const got = await nginx.send('GET', `/t/x${raw}`);
        if (typeof got !== 'number' && got.target !== raw && refusalOf(() => readTarget(raw)) !== null)
          changed.push(raw);
      }
      expect(changed).toEqual(expect.arrayContaining(['/a/../b', '/a/%2e%2e/b', '/a//b', '/a/./b', '/a%2fb']));
    });

    test('a call classified a safe read arrives as that method and path, and no other (T51, T55)', async () => {
      const opens = ['GET /v1/things', 'GET /v1/things/**'];
      const profile = httpProfile('generic-http');
      let passed = 0;
      for (const method of ['GET', 'HEAD', 'get', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'PROPFIND']) {
        for (const raw of [...TABLE, ...TABLE.map((one) => `/v1/things${one}`)]) {
          const classify = () =>
            classifyHttp({ profile, opens, closes: [], call: { method, target: raw, headers: new Map() } });
          if (refusalOf(classify) !== null || classify().class !== 'safe') continue;
          const { operation } = classify();
          if (!('path' in operation)) throw new Error('no HTTP operation');
          const got = await nginx.send(operation.method, `/t/x${operation.path}`);
          if (typeof got === 'number') throw new Error(`${method} ${raw}: ${got}`);
          expect(['GET', 'HEAD']).toContain(got.method);
          expect(segmentsOf(got.target).slice(0, 2)).toEqual(['v1', 'things']);
          passed += 1;
        }
      }
      expect(passed).toBeGreaterThan(30);
    }, 60_000);
  },
);
