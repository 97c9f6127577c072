import { expect, test } from 'vitest';
import { newId } from '#lib/core';
import { type Change, inWords } from './changes';

/* What a person reads before they sign a change, in the order they read it. */

const envelope = {
  type: 'countersign/statement',
  version: 1,
  nonce: 'n'.repeat(32),
  issuedAt: '2026-11-28T11:05:14.589Z',
  expiresAt: '2026-11-28T11:10:14.589Z',
  approver: { id: newId('hum'), name: 'Ada' },
  key: { id: newId('key'), class: 'hardware' },
  log: { events: 0, head: null },
  prev: 'p'.repeat(43),
} as const;

const agent = { id: newId('agt'), name: 'deploy-bot', owner: { id: newId('hum'), name: 'Ada' } };
const collecting = {
  tokenThumbprint: 't'.repeat(43),
  tokenHint: 'PcMX',
  collectThumbprint: 'c'.repeat(43),
  publicJwk: null,
  keyThumbprint: null,
  expiresAt: '2027-02-26T11:05:14.589Z',
};
const proving = {
  ...collecting,
  collectThumbprint: null,
  publicJwk: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
  keyThumbprint: 'k'.repeat(43),
} as const;

const said = (change: object): string[] => {
  const { title, rows } = inWords({ ...envelope, ...change } as Change);
  return [title, ...rows.map(([label, value]) => `${label}: ${value}`)];
};

test('an agent: whose it is, with what it collects, and until when', () => {
  const register = { kind: 'agent.register', agent: { ...agent, description: 'Deploys.', secrets: collecting } };
  expect(said(register)).toEqual([
    'Register the agent deploy-bot',
    'Owner, who answers for it: Ada',
    'Description: Deploys.',
    'It can: Ask, read what was allowed to it, and collect what people approve. It approves nothing.',
    'Collects with: a collect secret, which only the warden is shown',
    'Its secrets end: 2027-02-26 11:05 UTC',
    'Afterwards: Its secrets are shown here, once.',
  ]);
});

test('an agent with a key: the key is what people compare', () => {
  const register = { kind: 'agent.register', agent: { ...agent, description: '', secrets: proving } };
  expect(said(register)).toEqual(
    expect.arrayContaining([
      `Collects with: ${proving.keyThumbprint}`,
      'Compare: This key with the one the agent has (Ed25519). Another one: do not sign.',
    ]),
  );
});

test('new secrets: what counted until now, what ends, and until when these last', () => {
  expect(said({ kind: 'agent.rotate', agent, secrets: proving, keyBefore: null })).toEqual([
    'Give deploy-bot new secrets',
    'Owner: Ada',
    `Collects with: ${proving.keyThumbprint}`,
    'Compare: This key with the one the agent has (Ed25519). Another one: do not sign.',
    'Until now with: a collect secret, which only the warden is shown',
    'They end: 2027-02-26 11:05 UTC',
    'Effect: The old ones stop at once. What it asked is denied, what it holds ends; it still reads at rest.',
    'Afterwards: The new ones are shown here, once.',
  ]);
});

test('another owner, and an agent that is on again', () => {
  const before = { name: 'old-bot', owner: { id: newId('hum'), name: 'Bob' } };
  expect(said({ kind: 'agent.change', agent, before })).toEqual(
    expect.arrayContaining([
      'Change the agent old-bot',
      'Name: deploy-bot',
      'Owner, who answers for it: Ada',
      'Owner until now: Bob',
    ]),
  );
  expect(said({ kind: 'agent.enable', agent })).toEqual(
    expect.arrayContaining(['Turn deploy-bot on again', 'Owner, who answers for it: Ada']),
  );
});

test('another role: what a reviewer loses is said of a reviewer alone', () => {
  const role = (to: string) =>
    said({
      kind: 'human.role',
      human: { id: newId('hum'), name: 'Bob', email: 'bob@example.com', role: to },
      roleBefore: 'approver',
    });
  expect(role('reviewer')).toContain(
    'As a reviewer: They decide nothing: what they alone approved ends. Agents they keep are disabled.',
  );
  expect(role('owner')).toEqual(['Make Bob owner', 'E-mail: bob@example.com', 'Now: approver']);
});

test('a person who goes: to whom their agents go, or that these are disabled', () => {
  const human = { id: newId('hum'), name: 'Bob', email: 'bob@example.com', role: 'approver' };
  const disable = { kind: 'human.disable', human };
  expect(said({ ...disable, agentsTo: { id: newId('hum'), name: 'Ada' } })).toContain('Their agents: go to Ada');
  expect(said({ ...disable, agentsTo: null })).toContain('Their agents: are disabled');
});
