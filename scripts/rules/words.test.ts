import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/*
 * One word for one thing, and the field's. These were ours alone once: whoever
 * knows the field would not have found what they stood for.
 */

const INSTEAD: ReadonlyArray<readonly [identifier: RegExp, instead: string]> = [
  [/^(?:open)?[dD]esk$/, 'openTargets, signOrigin'],
  [/^judge(?:s|d?[A-Z]\w*)?$|^[jJ]udgement\w*$/, 'classify, Classification'],
  [/^know(?:Agent|Caller|s)$/, 'authenticate…'],
  [/^(?:ruleB|b)ook(?:s|Of)?$|^Book$/, 'directory, index'],
  [/^[rR]osters?$/, 'authority cache'],
  [/^(?:on)?[bB]eat$/, 'heartbeat'],
  [/^giveBack$/, 'revoke, return, release'],
  [/^underWay$/, 'inFlight'],
  [/^mustStill\w*$/, 'recheck…'],
  [/^exclusive(?:ly)?$/, 'withMutex, withLock'],
  [/^lanes?$/, 'perTargetLimit'],
  [/^strays?$/, 'orphans'],
  [/^[rR]oads?$/, 'network, tcpProxy'],
  [/^deaf$/, 'unsubscribe'],
  [/^byHand$/, 'verify…'],
  [/^no$/, 'refuse…'],
];

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const STRING = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

/** What stands in code, and neither in comments nor in strings. */
const identifiersIn = (text: string): string[] =>
  text
    .replace(COMMENT, '')
    .replace(STRING, "''")
    .match(/[A-Za-z_$][\w$]*/g) ?? [];

const insteadOf = (text: string): string[] =>
  identifiersIn(text).flatMap((name) =>
    INSTEAD.filter(([word]) => word.test(name)).map(([, instead]) => `${name}: say ${instead}`),
  );

test('A word of ours alone is found in code, and not in what people read', () => {
  expect(insteadOf('const openDesk = (judgement: string) => judgement;')).toHaveLength(3);
  expect(insteadOf("/** A desk. */ export const words = 'the desk';")).toEqual([]);
});

const FOLDERS = ['app', 'components', 'gateway', 'lib', 'scripts', 'testing', 'warden'];

test('No file of the product has a word of ours alone', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('generated'))
      .map((path) => join(folder, path)),
  );
  expect(files.length).toBeGreaterThan(400);
  const found = files.flatMap((path) => insteadOf(readFileSync(path, 'utf8')).map((words) => `${path}: ${words}`));
  expect(found).toEqual([]);
});
