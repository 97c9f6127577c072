import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVault } from '#warden/vault';
import { previewHolds, sealPreview } from './seal';

const vault = openVault(join(mkdtempSync(join(tmpdir(), 'seal-')), 'warden'));
const asker = { tokenHash: 'hash', keyThumbprint: null, ownerId: 'hum_1' };
const preview = { effects: ['Would only read.'] };
const request = {
  id: 'req_1',
  agentId: 'agt_1',
  targetId: 'tgt_1',
  resources: ['a'],
  verbs: ['b'],
  ttlSeconds: 60,
  maxUses: null,
  reason: '',
  ticketUrl: null,
  operation: null,
  createdAt: new Date(0),
  preview,
};
const previewSeal = sealPreview(vault, request as never, asker, preview);
const holds = (changed: object = {}, by = asker): boolean =>
  previewHolds(vault, { ...request, previewSeal, ...changed } as never, by);

test('A preview holds for the request and the agent it was made for', () => expect(holds()).toBe(true));

test.each<[string, object, object]>([
  ['its token', {}, { tokenHash: 'other' }],
  ['its key', {}, { keyThumbprint: 'thumbprint' }],
  ['its owner', {}, { ownerId: 'hum_2' }],
  ['what it found', { preview: { effects: [] } }, {}],
  ['what is asked', { verbs: ['c'] }, {}],
  ['its request', { id: 'req_2' }, {}],
  ['its seal', { previewSeal: null }, {}],
])('and not where %s is another (T1, T82)', (_, changed, by) =>
  expect(holds(changed, { ...asker, ...by })).toBe(false),
);
