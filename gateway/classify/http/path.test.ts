import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOf, nastyTarget, refusalOf } from '#testing/classify';
import { parameterNames, readTarget } from './path';

describe('A plain path is kept, in its one spelling', () => {
  test.each([
    ['/', '/', '', ['']],
    ['/v1/things', '/v1/things', '', ['v1', 'things']],
    ['/v1/things/', '/v1/things/', '', ['v1', 'things', '']],
    ['/v1/%74hings', '/v1/things', '', ['v1', 'things']],
    ['/caf%c3%a9', '/caf%C3%A9', '', ['café']],
    ['/a%20b', '/a%20b', '', ['a b']],
    ['/%2a', '/%2A', '', ['*']],
    ['/a+b', '/a+b', '', ['a+b']],
    ['/.well-known/x', '/.well-known/x', '', ['.well-known', 'x']],
    ['/..a', '/..a', '', ['..a']],
    ["/People('x')", "/People('x')", '', ["People('x')"]],
    ['/~user/@me:1', '/~user/@me:1', '', ['~user', '@me:1']],
    ['/a?', '/a', '', ['a']],
    ['/a?b=1&c=%2f', '/a', '?b=1&c=%2F', ['a']],
    ['/a?b=1?c=2', '/a', '?b=1?c=2', ['a']],
    ['/a?next=/../x;y', '/a', '?next=/../x;y', ['a']],
    [`/${'a'.repeat(1_999)}`, `/${'a'.repeat(1_999)}`, '', ['a'.repeat(1_999)]],
  ])('%s', (raw, path, query, segments) => {
    expect(readTarget(raw)).toEqual({ path, query, segments });
  });
});

describe('What two servers might take for two paths is refused (T50, T54)', () => {
  test.each([
    ['nothing', ['', 'v1', '?', '*', '?a=1']],
    ['another host', ['http://127.0.0.1/v1', 'https://a.example/', '//a.example/v1', '///v1']],
    ['dot segments', ['/.', '/..', '/./a', '/a/.', '/a/..', '/a/../b', '/../../b', '/a/..?x']],
    ['encoded dots', ['/%2e', '/%2E%2e/a', '/a/.%2e/b', '/a/%2e./b', '/a/%2e%2E']],
    ['encoded twice', ['/%252e%252e/a', '/a%252fb', '/a%2500', '/%25', '/a%25b']],
    ['encoded slashes', ['/a%2fb', '/a%2Fb', '/%2f', '/a/%2F/b', '/..%2fb', '/%2e%2e%2fb']],
    ['backslashes', ['/a\\b', '/a%5cb', '/..\\b', '/%5c..%5cb', '/a/..%5C']],
    ['semicolons', ['/a;b', '/a;/b', '/a/..;/b', '/a%3bb', '/;', '/a;jsessionid=1']],
    ['empty parts', ['/a//b', '//', '/a//', '//a']],
    [
      'NUL and other controls',
      ['/a%00', '/%00', '/a%00.json', '/a%0a', '/a%0d%0aX:1', '/a%09', '/a%1f', '/a%7f', '/a%1b', '/a%c2%85'],
    ],
    ['raw controls and blanks', ['/a b', '/a\tb', '/a\r\nX: 1', '/a\n', '/a\0', '/a\x7f']],
    ['what is no ASCII', ['/café', '/a\u00a0', '/\uff0e\uff0e/a', '/a\u2028', '/a\ud800']],
    [
      'UTF-8 that is none',
      ['/%c0%ae%c0%ae/a', '/%c0%af', '/%e0%80%af', '/%ff', '/%c3', '/a%ed%a0%80', '/%f8%80%80%80%af'],
    ],
    ['escapes that are none', ['/%', '/%2', '/%zz', '/%u002e', '/a%2', '/a%%', '/a%2g']],
    [
      'what looks like dots and slashes',
      ['/%ef%bc%8e%ef%bc%8e/a', '/%ef%bc%8e', '/a%ef%bc%8fb', '/a%ef%bc%bcb', '/%e2%80%a5/a'],
    ],
    ['a fragment', ['/a#b', '/a%23b', '/#', '/a?b#c']],
    ['an encoded question mark', ['/a%3fb', '/a%3F']],
    ['what proxies drop or change', ['/a"b', '/a<b', '/a>b', '/a^b', '/a`b', '/a{b}', '/a|b']],
    ['an ending that Windows cuts off', ['/a.', '/a/b.', '/a./b', '/a%20', '/a%20/b', '/a%2e', '/...', '/a..']],
    [
      'a session that ASP.NET takes out',
      ['/(S(x))/a', '/a(S(x))b', '/a/(X(y))/b', '/%28S%28x%29%29/a', '/a(F(a)A(b))'],
    ],
    ['what is too long', [`/${'a'.repeat(2_000)}`, `/a?${'b'.repeat(2_000)}`]],
    ['a query that cannot be read', ['/a?%', '/a?%zz', '/a?b=%ff', '/a?b=%c0%af', '/a?b=\\', '/a?b="', '/a?b c']],
  ])('%s', (_name, targets) => {
    for (const target of targets)
      expect([target, refusalOf(() => readTarget(target))]).toEqual([
        target,
        expect.stringMatching(/^invalid_request/),
      ]);
  });
});

test('names of parameters are read decoded, in small letters, however they are parted', () => {
  expect(parameterNames('?A=1&%62=2;c&d+e=3&=x')).toEqual(['a', 'b', 'c', 'd e', '']);
});

/** Another way to read a path: decode first, cut then. */
const cutDecoded = (path: string): string[] => decodeURIComponent(path).slice(1).split('/');

test('of 20,000 targets made of tricks, each that is accepted is read the same by every other reader (T50)', () => {
  let accepted = 0;
  const property = fc.property(fc.noBias(fc.nat()), (seed) => {
    const raw = nastyTarget(chanceOf(seed));
    if (refusalOf(() => readTarget(raw)) !== null) return;
    accepted += 1;
    const { path, query, segments } = readTarget(raw);
    const printed = path + query;
    const url = new URL(printed, 'http://upstream.example');
    if (url.host !== 'upstream.example') throw new Error(`${raw} leads to ${url.host}`);
    const readings: Array<readonly [string, readonly string[]]> = [
      ['decode, then cut', cutDecoded(path)],
      ['as a browser', cutDecoded(url.pathname)],
      ['the raw one as a browser', cutDecoded(new URL(raw, 'http://upstream.example').pathname)],
      [
        'normalised',
        cutDecoded(path).length === segments.length
          ? decodeURIComponent(path)
              .normalize('NFKC')
              .slice(1)
              .split('/')
              .map((part, index) => (part === '.' || part === '..' ? 'dots' : (segments[index] ?? '')))
          : [],
      ],
      ['decoded twice', cutDecoded(decodeURIComponent(path))],
      ['cut at a semicolon', cutDecoded(path.replace(/;[^/]*/g, ''))],
    ];
    for (const [reader, read] of readings)
      if (read.join('\n') !== segments.join('\n'))
        throw new Error(`${JSON.stringify(raw)}, ${reader}: ${read} and not ${segments}`);
    if (url.pathname !== path || url.search !== query) throw new Error(`${raw}: a browser prints ${url.href}`);
    const again = readTarget(printed);
    if (JSON.stringify(again) !== JSON.stringify({ path, query, segments }))
      throw new Error(`${raw}: read again it differs`);
  });
  fc.assert(property, { numRuns: 20_000, seed: 20_261_123, endOnFailure: true });
  console.info(`Paths: 20000 by chance, seed 20261123, ${accepted} accepted, each with one reading`);
  expect(accepted).toBeGreaterThan(2_000);
});
