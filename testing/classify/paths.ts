import type { Chance } from './classify';

/* Only for tests. Request targets as attackers send them. */

/** Nothing wrong with these. */
const PLAIN = [
  'v1',
  'things',
  'a',
  'b.json',
  '7',
  'A',
  '~x',
  '@me',
  'a:b',
  'a+b',
  '%41',
  '%7Ex',
  'caf%C3%A9',
  '%e2%82%ac',
  'a%20b',
  '*',
  '%2A',
  "x('1')",
  ',',
];

/** Each of these has fooled some server. */
const NASTY = [
  '.',
  '..',
  '...',
  '%2e',
  '%2E%2e',
  '.%2e',
  '%252e%252e',
  '%2f',
  '%5c',
  '\\',
  '%00',
  '%0a',
  '%0d%0a',
  ';',
  ';a=b',
  '..;',
  '%3b',
  '%3f',
  '%23',
  '#',
  '%25',
  '%',
  '%c0%ae',
  '%c0%af',
  '%ef%bc%8f',
  '%e3%80%82',
  '%ef%bc%8e%ef%bc%8e',
  '%u002e',
  '%ff',
  ' ',
  '\t',
  '%20',
  '%09',
  '%7f',
  '%c2%85',
  '%c2%a0',
  '//',
  '(S(x))',
  '::$DATA',
  '~1',
  '|',
  '"',
  'é',
  'http://x',
  'x@y',
  '&',
  '=',
] as const;

const QUERIES = [
  '',
  '',
  '',
  '?',
  '?a=1',
  '?a=1?b=2',
  '?x=/../y',
  '?a=%2F&b=%26',
  '?_method=DELETE',
  '?a;b',
  '?%ff',
  '?q=%c3%a9',
  '??',
  '?#',
];

/** A target of plain and nasty pieces, mostly plain ones, so that some are accepted. */
export function nastyTarget(chance: Chance): string {
  const piece = (): string => {
    const first = chance.percent(80) ? chance.of(PLAIN) : chance.of(NASTY);
    return chance.percent(20) ? first + (chance.percent(50) ? chance.of(PLAIN) : chance.of(NASTY)) : first;
  };
  const parts = Array.from({ length: 1 + chance.below(4) }, piece);
  const start = chance.percent(95) ? '/' : chance.of(['', '//', 'http://a.example/', '\\', '/./', '*']);
  return start + parts.join(chance.percent(95) ? '/' : '//') + (chance.percent(15) ? '/' : '') + chance.of(QUERIES);
}
