import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller } from '#gateway/callers';
import type { Classification } from '#gateway/classify';
import type { SignedState, SignedUpstream } from '#gateway/head';
import { restKey } from '#lib/authority';
import { type Act, OPERATION_CLASSES, type OperationClass, worstClass } from '#lib/profiles';
import { decide } from './decide';

const AGENT = { id: 'agt_a', tokenHash: 'token', keyThumbprint: null };
const TARGET = { id: 'tgt_a', config: { name: 'railway' } } as unknown as SignedUpstream;

const act = (level: OperationClass, resource = 'volume/1', verb = 'read'): Act => ({
  operation: `query ${resource}`,
  class: level,
  resource,
  verb,
  why: 'It does.',
});
const classification = (...acts: Act[]): Classification => ({
  acts,
  class: worstClass(acts.map((one) => one.class)),
  name: 'query x',
  operation: { query: '{ x }', variables: {} },
  args: {},
  resolver: null,
});
const allowed = (over: Partial<{ tokenThumbprint: string; keyThumbprint: string | null }> = {}): SignedState =>
  ({
    rests: new Map([
      [restKey('agt_a', 'tgt_a'), { agentId: 'agt_a', tokenThumbprint: 'token', keyThumbprint: null, ...over }],
    ]),
  }) as unknown as SignedState;
const nobody = { rests: new Map() } as unknown as SignedState;
const agent: Caller = { kind: 'agent', agent: AGENT };
const holder = (resources: string[], verbs: string[], targetId = 'tgt_a'): Caller => ({
  kind: 'grant',
  agent: AGENT,
  grant: {
    id: 'grn_a',
    targetId,
    requestId: null,
    scope: { resources, verbs },
    maxUses: null,
    expiresAt: new Date(0),
  },
});

const by = (state: SignedState, caller: Caller, ...acts: Act[]): string => {
  const decision = decide({ state, target: TARGET, caller, classification: classification(...acts) });
  return decision.by === 'nobody' ? decision.why : decision.by;
};

describe('On whose word a call passes', () => {
  test.each<[string, SignedState, Caller, Act[], string]>([
    ['a safe read where an owner allowed it', allowed(), agent, [act('safe')], 'rest'],
    ['a safe read nobody allowed', nobody, agent, [act('safe')], 'no_rest'],
    [
      'a safe read by a token that was replaced since',
      allowed({ tokenThumbprint: 'old' }),
      agent,
      [act('safe')],
      'no_rest',
    ],
    ['a safe read by a key that was added since', allowed({ keyThumbprint: 'key' }), agent, [act('safe')], 'no_rest'],
    ['a secret read', allowed(), agent, [act('sensitive')], 'above_rest'],
    ['a safe read with a delete beside it', allowed(), agent, [act('safe'), act('destructive')], 'above_rest'],
    ['a write inside a grant', nobody, holder(['volume/1'], ['update']), [act('write', 'volume/1', 'update')], 'grant'],
    [
      'a write beside the grant',
      nobody,
      holder(['volume/2'], ['update']),
      [act('write', 'volume/1', 'update')],
      'outside_grant',
    ],
    [
      'another verb',
      nobody,
      holder(['volume/1'], ['update']),
      [act('destructive', 'volume/1', 'delete')],
      'outside_grant',
    ],
    [
      'all volumes on a grant for one',
      nobody,
      holder(['volume/1'], ['update']),
      [act('write', 'volume/*', 'update')],
      'outside_grant',
    ],
    [
      'a grant for another target (T26)',
      nobody,
      holder(['volume/*'], ['update'], 'tgt_b'),
      [act('write', 'volume/1', 'update')],
      'outside_grant',
    ],
    [
      'minting a token on the widest grant (T31)',
      allowed(),
      holder(['token/*'], ['create']),
      [act('escalating', 'token/1', 'create')],
      'outside_grant',
    ],
    [
      'a write in the grant and a safe read at rest',
      allowed(),
      holder(['volume/1'], ['update']),
      [act('safe'), act('write', 'volume/1', 'update')],
      'grant',
    ],
    [
      'a write in the grant and a safe read nobody allowed',
      nobody,
      holder(['volume/1'], ['update']),
      [act('safe'), act('write', 'volume/1', 'update')],
      'outside_grant',
    ],
  ])('%s', (_name, state, caller, acts, expected) => {
    expect(by(state, caller, ...acts)).toBe(expected);
  });

  test('An ask token alone never lets anything above safe through, whatever is allowed (P1)', () => {
    const level = fc.constantFrom(...OPERATION_CLASSES);
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 5 }), (levels) => {
        const passed = by(allowed(), agent, ...levels.map((one) => act(one)));
        expect(passed === 'rest').toBe(levels.every((one) => one === 'safe'));
      }),
    );
  });

  test('No grant ever lets an escalating act through, whatever it says (T31)', () => {
    fc.assert(
      fc.property(fc.constantFrom('*', '1'), fc.constantFrom('create', 'read'), (id, verb) => {
        const wide = holder(['token/*', 'volume/*'], ['create', 'read']);
        expect(by(allowed(), wide, act('safe'), act('escalating', `token/${id}`, verb))).toBe('outside_grant');
      }),
    );
  });
});
