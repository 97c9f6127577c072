import { expect, test } from 'vitest';
import { digestOf } from '#lib/core';
import type { Ask } from '#lib/targets';
import { type AskCoverage, askDigest, coveredFields } from './index';

const ask: Ask = {
  resources: ['path/v1/things/1'],
  verbs: ['delete'],
  ttlSeconds: 300,
  maxUses: 1,
  operation: { method: 'DELETE', path: '/v1/things/1' },
};
const OTHER: { readonly [F in keyof Ask]: Ask[F] } = {
  resources: ['path/v1/things/2'],
  verbs: ['put'],
  ttlSeconds: 301,
  maxUses: null,
  operation: null,
};

test('What a look was made for has these bytes: looks that wait in a database rest on them', () => {
  const bytes = ['req_1', 'agt_1', 'tgt_1', ['path/v1/things/1'], ['delete'], 300, 1, ask.operation];
  expect(askDigest('req_1', 'agt_1', 'tgt_1', ask)).toBe(digestOf(bytes));
  expect(askDigest('req_1', 'agt_1', 'tgt_1', { ...ask, added: 'by a row' } as Ask)).toBe(digestOf(bytes));
});

test.each(Object.entries(OTHER))('It holds %s: any other value is another look', (field, value) => {
  const of = (one: Ask) => askDigest('req_1', 'agt_1', 'tgt_1', one);
  expect(of({ ...ask, [field]: value })).not.toBe(of(ask));
});

test.each([
  ['request', ['req_2', 'agt_1', 'tgt_1']],
  ['agent', ['req_1', 'agt_2', 'tgt_1']],
  ['target', ['req_1', 'agt_1', 'tgt_2']],
] as const)('It holds the %s', (_, [request, agent, target]) => {
  expect(askDigest(request, agent, target, ask)).not.toBe(askDigest('req_1', 'agt_1', 'tgt_1', ask));
});

test('What is covered is what says so, and a field that nobody spoke of does not compile', () => {
  const coverage = { resources: true, verbs: true, operation: false, ttlSeconds: false, maxUses: false } as const;
  expect(coveredFields(coverage, ask)).toEqual({ resources: ask.resources, verbs: ask.verbs });
  expect(coveredFields(coverage, { ...ask, constructor: 'x' } as Ask)).not.toHaveProperty('constructor', 'x');
  const listed: AskCoverage = coverage;
  // @ts-expect-error: the field `urgency` is new, and nobody said whether it is covered.
  const wider: AskCoverage<Ask & { readonly urgency: number }> = listed;
  expect(wider).toBe(listed);
  // @ts-expect-error: `verbs` is covered, and not there.
  coveredFields(coverage, { resources: ask.resources });
});
