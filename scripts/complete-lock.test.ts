import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completeLock } from './complete-lock.mjs';

test('A missing package of another platform gets an entry that npm skips here', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/tool': {
        version: '1.2.3',
        dev: true,
        optionalDependencies: { '@tool/darwin-arm64': '1.2.3', '@tool/linux-x64-musl': '1.2.3' },
      },
    },
  };
  expect(completeLock(lock)).toEqual(['@tool/darwin-arm64', '@tool/linux-x64-musl']);
  expect(lock.packages).toMatchObject({
    'node_modules/@tool/darwin-arm64': { version: '1.2.3', cpu: ['arm64'], os: ['darwin'], dev: true, optional: true },
    'node_modules/@tool/linux-x64-musl': {
      version: '1.2.3',
      cpu: ['x64'],
      os: ['linux'],
      libc: ['musl'],
      dev: true,
      optional: true,
    },
  });
});

test('The lock file in the repository is complete: npm ci accepts it on every platform (T78)', () => {
  expect(completeLock(JSON.parse(readFileSync('package-lock.json', 'utf8')))).toEqual([]);
});
