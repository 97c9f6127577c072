import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { newId, sha256Base64url } from '#lib/core';
import type { Genesis } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';
import {
  admitted,
  begun,
  besides,
  type Cast,
  cast,
  chainFrom,
  type GrownChain,
  retiredRow,
  rowOf,
  VERIFIER,
} from '#testing/chain';
import { type ChainRow, extend, sealGenesis } from './index';

/* What a key is worth, and what it is worth no more. */

const service: TargetConfig = {
  ...{ kind: 'token', name: 'deploys', environment: 'staging', soleOwnerMayApprove: true, maxTtlSeconds: 600 },
  ...{ audience: 'https://d.example', resources: ['deploy/*'], verbs: ['start'], destructiveVerbs: [] },
  ...{ introspected: true, serviceTokenHash: sha256Base64url('t') },
};
const added = (target: TargetConfig) =>
  ({ kind: 'target.add', targetId: newId('tgt'), target, secretDigest: sha256Base64url('s'), report: null }) as const;

let ada: Cast;
let bob: Cast;
let ray: Cast;
let chain: GrownChain;
beforeEach(async () => {
  [ada, bob, ray] = await Promise.all([cast('Ada', 'owner'), cast('Bob', 'approver'), cast('Ray', 'reviewer')]);
  chain = await chainFrom((await begun(ada)).pin.genesis);
  await chain.sign(ada, admitted(bob));
});

const broken = { code: 'minting_stopped' };

describe('Keys whose hardware nobody proved (T89)', () => {
  const production = { ...service, environment: 'production' };
  const accept = (acceptsClaimed: boolean) => ({ kind: 'keys.accept', acceptsClaimed }) as const;
  const UNPROVEN = 'nobody proved that this key is hardware, and this installation takes no such key for production.';

  /** The chain begun again, with what the founder answered, and what of old was said of their key. */
  async function begunWith(answer: object, enrolled: object = {}): Promise<void> {
    // What is undefined was never said.
    const first = JSON.parse(JSON.stringify({ ...JSON.parse(chain.first.genesis), ...answer }));
    chain = await chainFrom(sealGenesis({ ...first, enrolled: { ...first.enrolled, ...enrolled } }));
  }

  test('sign for production where the founder accepted them, and not where they did not', async () => {
    await begunWith({ acceptsClaimed: true });
    expect(chain.refusal(ada, added(production))).toBeNull();
    await begunWith({ acceptsClaimed: false });
    expect(chain.refusal(ada, added(production))).toBe(UNPROVEN);
    expect(chain.refusal(ada, added(service))).toBeNull();
  });

  test('are accepted and no longer accepted by an owner’s key, at once, and by nobody else’s', async () => {
    await begunWith({ acceptsClaimed: false });
    expect(chain.refusal(ada, accept(false))).toBe('that is so already.');
    await chain.sign(ada, accept(true));
    await chain.sign(ada, admitted(bob));
    expect(chain.refusal(ada, added(production))).toBeNull();
    expect(chain.refusal(bob, accept(false))).toBe('only an owner may change this.');
    await chain.sign(ada, accept(false));
    expect(chain.refusal(ada, added(production))).toBe(UNPROVEN);
    expect(await chain.replayed()).toEqual(chain.authority);
  });

  test('do not matter to a key that its maker proved, nor make a synced one fit', async () => {
    await begunWith({ acceptsClaimed: false }, { class: 'attested' });
    expect(chain.refusal({ ...ada, enrolled: { ...ada.enrolled, class: 'attested' } }, added(production))).toBeNull();
    await begunWith({ acceptsClaimed: true }, { class: 'synced' });
    expect(chain.refusal({ ...ada, enrolled: { ...ada.enrolled, class: 'synced' } }, added(production))).toBe(
      'production needs a hardware key.',
    );
  });

  test('of a chain made before it was asked are read so, and sign for production once an owner has accepted them', async () => {
    const old = { ...ada, enrolled: { ...ada.enrolled, class: 'hardware' as const } };
    await begunWith({ acceptsClaimed: undefined }, { class: 'hardware' });
    expect(chain.first.genesis).not.toContain('acceptsClaimed');
    expect(chain.first.genesis).toContain('"class":"hardware"');
    expect([...chain.authority.keys.values()]).toMatchObject([{ class: 'claimed' }]);
    expect(chain.refusal(old, added(production))).toBe(UNPROVEN);
    await chain.sign(old, accept(true));
    await chain.sign(old, added(production));
    await chain.sign(old, admitted({ ...bob, enrolled: { ...bob.enrolled, class: 'hardware' } }));
    expect([...(await chain.replayed()).keys.values()].map((key) => key.class)).toEqual(['claimed', 'claimed']);
    await chain.sign(old, accept(false));
    expect(chain.refusal(ada, added({ ...production, name: 'other' }))).toBe(UNPROVEN);
  });
});

describe('A key that the warden retired (T12, T76)', () => {
  test('signs nothing more, whoever writes it into the chain, and a restart knows it', async () => {
    await chain.sign(ada, { kind: 'human.role', human: { ...bob.human, role: 'owner' }, roleBefore: 'approver' });
    const before = chain.authority;
    await chain.add(retiredRow(bob, chain.authority));
    expect(chain.authority.keys.get(bob.enrolled.id)).toMatchObject({ active: false });
    const second = { ...bob, human: { ...bob.human, role: 'owner' as const } };
    await expect(chain.add(rowOf(second, chain.authority, added(service)))).rejects.toMatchObject(broken);
    expect(await chain.replayed()).toEqual(chain.authority);
    expect((await extend(before, rowOf(second, before, added(service)), VERIFIER)).targets.size).toBe(1);
  });

  test('was retired by the warden’s signature, and by nobody else’s', async () => {
    const strangers = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await expect(chain.add(retiredRow(bob, chain.authority, strangers))).rejects.toMatchObject(broken);
    const signedByAda = { ...retiredRow(bob, chain.authority), assertion: ada.key.assert('AAAA') };
    await expect(chain.add(signedByAda)).rejects.toMatchObject(broken);
    await expect(chain.add({ ...retiredRow(bob, chain.authority), kind: 'agent.renew' })).rejects.toMatchObject(broken);
  });

  test('is never the only one that an owner has, and is retired once', async () => {
    await expect(chain.add(retiredRow(ada, chain.authority))).rejects.toMatchObject(broken);
    await chain.add(retiredRow(bob, chain.authority));
    await expect(chain.add(retiredRow(bob, chain.authority))).rejects.toMatchObject(broken);
  });
});

describe('The founder’s recovery code', () => {
  /** A code is a key that is no key of theirs: here another in software. */
  async function withCode(): Promise<Cast> {
    const code = { ...(await cast('Ada', 'owner')), human: ada.human };
    chain = await chainFrom(sealGenesis({ ...JSON.parse(chain.first.genesis), recovery: code.enrolled }));
    await chain.sign(ada, admitted(bob));
    return code;
  }
  const further = async (human: Genesis['human']) =>
    ({ kind: 'key.enroll', human, enrolled: (await cast('New', 'owner')).enrolled }) as const;

  test('signs for one further key of theirs, once, and is no key itself', async () => {
    const code = await withCode();
    expect([chain.authority.recovery?.id, chain.authority.keys.has(code.enrolled.id)]).toEqual([
      code.enrolled.id,
      false,
    ]);
    const one = await further(ada.human);
    await chain.add(besides(rowOf(code, chain.authority, one)));
    expect(chain.authority.keys.get(one.enrolled.id)).toMatchObject({ humanId: ada.human.id, active: true });
    expect(chain.authority.recovery).toBeNull();
    expect(chain.refusal(code, await further(ada.human))).toContain('not an active key');
    expect(await chain.replayed()).toEqual(chain.authority);
  });

  test('signs for nothing without the warden beside it: whoever has it and owns the tables waits two days', async () => {
    const code = await withCode();
    const row = rowOf(code, chain.authority, await further(ada.human));
    const strangers = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const each of [
      row,
      besides(row, strangers),
      { ...row, assertion: { ...(besides(row).assertion as object), id: 'x' } },
    ])
      await expect(chain.add(each as ChainRow)).rejects.toMatchObject(broken);
    await chain.add(besides(row));
    expect(chain.authority.recovery).toBeNull();
  });

  test('signs for nothing else, though its person is an owner', async () => {
    const code = await withCode();
    for (const body of [
      added(service),
      admitted(ray),
      await further(bob.human),
      { kind: 'human.disable', human: bob.human } as const,
      { kind: 'keys.accept', acceptsClaimed: false } as const,
    ])
      expect(chain.refusal(code, body)).toBe('only an owner may change this.');
  });

  test('is taken out of use by an owner’s key, and is no key that its person is left with', async () => {
    const code = await withCode();
    const { id, label } = code.enrolled;
    const gone = { kind: 'key.disable', human: ada.human, disabled: { id, label } } as const;
    expect(chain.refusal(bob, gone)).toBe('only an owner may change this.');
    const { id: own, label: its } = ada.enrolled;
    expect(chain.refusal(ada, { ...gone, disabled: { id: own, label: its } })).toContain('the last key of a person');
    await chain.sign(ada, gone);
    expect(chain.authority.recovery).toBeNull();
    expect(chain.authority.keys.get(ada.enrolled.id)).toMatchObject({ active: true });
    expect(chain.refusal(code, await further(ada.human))).toContain('not an active key');
    expect(chain.refusal(ada, gone)).toBe('there is no such key.');
  });

  test('works no more once its person is disabled', async () => {
    const code = await withCode();
    const body = await further(ada.human);
    expect(chain.refusal(code, body)).toBeNull();
    await chain.sign(ada, { kind: 'human.role', human: { ...bob.human, role: 'owner' }, roleBefore: 'approver' });
    await chain.sign({ ...bob, human: { ...bob.human, role: 'owner' } }, { kind: 'human.disable', human: ada.human });
    expect(chain.refusal(code, body)).toContain('not an active key');
  });
});
