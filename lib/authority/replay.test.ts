import { beforeEach, describe, expect, test } from 'vitest';
import { newId, sha256Base64url } from '#lib/core';
import type { Genesis } from '#lib/statement';
import type { TargetConfig } from '#lib/targets';
import { admitted, type Body, begun, type Cast, cast, rowOf, statementOf } from '#testing/chain';
import { SIGN } from '#testing/people';
import { type Authority, type ChainRow, chainHash, changeRefusal, extend, type Pin, replay, restKey } from './index';

const service: TargetConfig = {
  kind: 'token',
  name: 'deploys',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 600,
  audience: 'https://d.example',
  resources: ['deploy/*'],
  verbs: ['start'],
  destructiveVerbs: [],
  introspected: true,
  serviceTokenHash: sha256Base64url('t'),
};
const database: TargetConfig = {
  kind: 'postgres',
  name: 'bookings',
  environment: 'staging',
  soleOwnerMayApprove: true,
  maxTtlSeconds: 600,
  host: 'h',
  port: 5432,
  database: 'd',
  user: 'u',
  tls: 'disable',
  schemas: ['public'],
  restReads: ['table/public.rooms'],
  countRows: true,
};
const added = (target: TargetConfig) =>
  ({ kind: 'target.add', targetId: newId('tgt'), target, secretDigest: sha256Base64url('s'), report: null }) as const;

let ada: Cast;
let bob: Cast;
let ray: Cast;
let pin: Pin;
let rows: ChainRow[];
let authority: Authority;

/** One more entry, and the authority after it. */
async function then(by: Cast, body: Body): Promise<void> {
  const row = rowOf(by, authority, body);
  authority = await extend(authority, row, SIGN);
  rows.push(row);
}

beforeEach(async () => {
  [ada, bob, ray] = await Promise.all([cast('Ada', 'owner'), cast('Bob', 'approver'), cast('Ray', 'reviewer')]);
  const first = await begun(ada);
  ({ pin, authority } = first);
  rows = [first.row];
  await then(ada, admitted(bob));
  await then(ada, admitted(ray));
});

const broken = { code: 'minting_stopped' };

describe('replay', () => {
  test('rebuilds people, keys and targets from the pin up', async () => {
    await then(ada, added(service));
    const again = await replay({ ...pin, head: authority.head }, rows, SIGN);
    expect(again).toEqual(authority);
    expect([...again.humans.values()].map(({ name, role, active }) => [name, role, active])).toEqual([
      ['Ada', 'owner', true],
      ['Bob', 'approver', true],
      ['Ray', 'reviewer', true],
    ]);
    expect(again.targets.size).toBe(1);
  });

  test.each<readonly [string, () => ChainRow[]]>([
    ['emptied', () => []],
    ['cut off at the end', () => rows.slice(0, -1)],
    ['with one taken out', () => [...rows.slice(0, 1), ...rows.slice(2)]],
    ['with two swapped', () => [rows[0], rows[2], rows[1]] as ChainRow[]],
    ['with two renumbered', () => [rows[0], { ...rows[2], seq: 2 }, { ...rows[1], seq: 3 }] as ChainRow[]],
    ['with one twice', () => [...rows, rows[2]] as ChainRow[]],
    [
      'with another kind written on one',
      () => rows.map((row) => (row.seq === 2 ? { ...row, kind: 'human.role' } : row)),
    ],
    [
      'with another hash written on one',
      () => rows.map((row) => (row.seq === 2 ? { ...row, hash: chainHash('x') } : row)),
    ],
    [
      'with a role raised in the bytes',
      () =>
        rows.map((row) =>
          row.seq === 2 ? { ...row, statement: row.statement.replace('"role":"approver"', '"role":"owner"') } : row,
        ),
    ],
    ['with a role raised and the hash made right', () => rows.map((row) => raise(row))],
    [
      'with the signature of another entry',
      () => rows.map((row) => (row.seq === 2 ? { ...row, assertion: rows[2]?.assertion } : row)),
    ],
    ['without a signature', () => rows.map((row) => (row.seq === 2 ? { ...row, assertion: null } : row))],
    [
      'with another first entry',
      () => rows.map((row) => (row.seq === 1 ? { ...row, statement: row.statement.replace('Ada', 'Eve') } : row)),
    ],
  ])('stops at a chain %s (T3, T13, T75)', async (_name, forged) => {
    await expect(replay({ ...pin, head: authority.head }, forged(), SIGN)).rejects.toMatchObject(broken);
  });

  const raise = (row: ChainRow): ChainRow => {
    const statement = row.statement.replace('"role":"approver"', '"role":"owner"');
    return { ...row, statement, hash: chainHash(statement) };
  };

  test('stops at a genesis of another key, however well the rest is signed by it', async () => {
    const eve = await cast('Eve', 'owner');
    const { row } = await begun(eve);
    await expect(replay(pin, [row], SIGN)).rejects.toMatchObject(broken);
  });

  test('stops at an entry signed elsewhere, without the person, or by a key nobody enrolled (T6, T8, T10)', async () => {
    for (const how of [
      { origin: 'http://localhost:3000' },
      { uv: false },
      { crossOrigin: true },
      { rpId: 'example.com' },
    ]) {
      await expect(extend(authority, rowOf(ada, authority, added(service), how), SIGN)).rejects.toMatchObject(broken);
    }
    const eve = await cast('Eve', 'owner');
    await expect(extend(authority, rowOf(eve, authority, added(service)), SIGN)).rejects.toMatchObject(broken);
    await expect(
      extend(authority, rowOf({ ...ada, key: eve.key }, authority, added(service)), SIGN),
    ).rejects.toMatchObject(broken);
  });
});

test('an entry under another hash than its own is no entry', async () => {
  const row = rowOf(ada, authority, added(service));
  await expect(extend(authority, row, SIGN)).resolves.toBeDefined();
  await expect(extend(authority, { ...row, hash: chainHash('x') }, SIGN)).rejects.toMatchObject(broken);
});

const refusal = (by: Cast, body: Body): string | null =>
  changeRefusal(authority, statementOf(by, authority.head.hash, body));

describe('who may change what', () => {
  const disabled = ({ human, enrolled }: Cast) =>
    ({ kind: 'key.disable', human, disabled: { id: enrolled.id, label: enrolled.label } }) as const;

  test('owners everything, others only a further key of their own', async () => {
    const second = { ...(await cast('Second', 'owner')).enrolled };
    expect(refusal(ada, added(service))).toBeNull();
    for (const other of [bob, ray]) {
      for (const body of [
        added(service),
        admitted(await cast('New', 'reviewer')),
        { kind: 'human.disable', human: ray.human } as const,
        disabled(ada),
      ]) {
        expect(refusal(other, body)).toBe('only an owner may change this.');
      }
      expect(refusal(other, { kind: 'key.enroll', human: other.human, enrolled: second })).toBeNull();
      expect(refusal(other, { kind: 'key.enroll', human: ada.human, enrolled: second })).toBe(
        'only an owner may change this.',
      );
    }
  });

  test('nobody describes themselves otherwise than the chain does, and nobody signs with another’s key', () => {
    const said = statementOf(ada, authority.head.hash, added(service));
    expect(changeRefusal(authority, { ...said, approver: { ...said.approver, name: 'Bob' } })).toContain(
      'described wrongly',
    );
    expect(changeRefusal(authority, { ...said, key: { ...said.key, class: 'attested' } })).toContain(
      'described wrongly',
    );
    expect(changeRefusal(authority, { ...said, key: { id: bob.enrolled.id, class: 'hardware' } })).toContain(
      'not an active key',
    );
  });

  test('a disabled person and a disabled key sign nothing (T66)', async () => {
    const eve = await cast('Eve', 'owner');
    await then(ada, admitted(eve));
    expect(refusal(eve, added(service))).toBeNull();
    await then(ada, { kind: 'human.disable', human: eve.human });
    expect(refusal(eve, added(service))).toContain('not an active key');
    const second = await cast('Ada', 'owner');
    await then(ada, { kind: 'key.enroll', human: ada.human, enrolled: second.enrolled });
    await then(ada, disabled({ ...second, human: ada.human }));
    expect(refusal({ ...second, human: ada.human }, added(service))).toContain('not an active key');
  });

  test('the last owner stays, and so does a person’s last key', async () => {
    expect(refusal(ada, { kind: 'human.disable', human: ada.human })).toContain('last owner');
    expect(
      refusal(ada, { kind: 'human.role', human: { ...ada.human, role: 'approver' }, roleBefore: 'owner' }),
    ).toContain('last owner');
    expect(refusal(ada, disabled(ada))).toContain('last key');
    await then(ada, { kind: 'human.role', human: { ...bob.human, role: 'owner' }, roleBefore: 'approver' });
    expect(refusal(ada, { kind: 'human.disable', human: ada.human })).toBeNull();
  });

  test('a change of role changes nothing else about the person, and starts from the role they have', () => {
    const role = (human: Genesis['human'], roleBefore: 'owner' | 'approver' | 'reviewer') =>
      refusal(ada, { kind: 'human.role', human, roleBefore });
    expect(role({ ...bob.human, role: 'owner' }, 'approver')).toBeNull();
    expect(role({ ...bob.human, role: 'owner' }, 'reviewer')).not.toBeNull();
    expect(role({ ...bob.human, role: 'owner', name: 'Rob' }, 'approver')).not.toBeNull();
    expect(role({ ...bob.human, role: 'owner', email: 'eve@example.com' }, 'approver')).not.toBeNull();
  });

  test('nobody comes in twice, under a taken address, or with a key somebody has', async () => {
    const eve = await cast('Eve', 'owner');
    expect(refusal(ada, admitted(bob))).not.toBeNull();
    expect(refusal(ada, admitted({ ...eve, human: { ...eve.human, email: bob.human.email } }))).not.toBeNull();
    expect(
      refusal(ada, admitted({ ...eve, enrolled: { ...eve.enrolled, credentialId: bob.enrolled.credentialId } })),
    ).not.toBeNull();
    expect(refusal(ada, { kind: 'key.enroll', human: ada.human, enrolled: bob.enrolled })).not.toBeNull();
  });

  test('what the statement says of a target is what the chain says of it', async () => {
    const target = added(database);
    await then(ada, target);
    const disable = (more: object) =>
      refusal(ada, {
        kind: 'target.disable',
        targetId: target.targetId,
        name: 'bookings',
        environment: 'staging',
        ...more,
      } as Body);
    expect(disable({})).toBeNull();
    for (const lie of [{ name: 'other' }, { environment: 'test' }, { targetId: newId('tgt') }])
      expect(disable(lie)).toBe('there is no such target.');
    expect(refusal(ada, added(database))).toContain('that name');
    expect(refusal(ada, target)).toContain('exists');
  });

  test('production takes a hardware key, also to add it and to let an agent rest there (T11)', async () => {
    const eve = await cast('Eve', 'owner', true);
    await then(ada, admitted(eve));
    expect(refusal(eve, added({ ...service, environment: 'production' }))).toContain('hardware');
    expect(refusal(eve, added(service))).toBeNull();
    expect(refusal(ada, added({ ...service, environment: 'production' }))).toBeNull();
  });

  test('an agent rests only where the target’s owner listed what it reads, for that very list', async () => {
    const target = added(database);
    await then(ada, target);
    const chainHash = authority.head.hash;
    const [id, owner] = [newId('agt'), { id: ada.human.id, name: 'Ada' }];
    const secrets = {
      tokenThumbprint: sha256Base64url('t'),
      tokenHint: 'abcd',
      collectThumbprint: sha256Base64url('c'),
      publicJwk: null,
      keyThumbprint: null,
      expiresAt: '2026-03-01T00:00:00.000Z',
    };
    await then(ada, { kind: 'agent.register', agent: { id, name: 'bot', description: '', owner, secrets } });
    const agent = { id, name: 'bot', owner, tokenThumbprint: sha256Base64url('t'), keyThumbprint: null };
    const of = {
      id: target.targetId,
      name: 'bookings',
      kind: 'postgres' as const,
      environment: 'staging',
      chainHash,
    };
    const allow = { kind: 'rest.allow' as const, agent, target: of, reads: ['table/public.rooms'], ttlSeconds: 600 };
    expect(refusal(ada, { ...allow, reads: ['schema/public'] })).toContain('other readable');
    expect(refusal(ada, { ...allow, target: { ...of, chainHash: sha256Base64url('x') } })).toContain('no such target');
    expect(refusal(ada, { ...allow, target: { ...of, environment: 'test' } })).toContain('no such target');
    for (const lie of [{ name: 'other' }, { tokenThumbprint: sha256Base64url('x') }, { keyThumbprint: id }])
      expect(refusal(ada, { ...allow, agent: { ...agent, ...lie } } as Body)).toContain('no such agent');
    const stop = {
      kind: 'rest.stop',
      agent: { id: agent.id, name: 'bot' },
      target: { id: target.targetId, name: 'bookings' },
    } as const;
    expect(refusal(ada, stop)).toContain('no such resting');
    await then(ada, allow);
    expect(authority.rests.get(restKey(agent.id, target.targetId))).toMatchObject({ ttlSeconds: 600 });
    await then(ada, stop);
    expect(authority.rests.size).toBe(0);
  });

  test('an owner alone gives the gateway another key, in place of the one that counts, and of no other', async () => {
    const [first, second, third] = ['G', 'H', 'I'].map((letter) => letter.repeat(43)) as [string, string, string];
    const replace = (before: string, thumbprint: string) => ({ kind: 'gateway.replace', before, thumbprint }) as const;
    expect(authority.gatewayKey).toBe(first);
    for (const other of [bob, ray]) expect(refusal(other, replace(first, second))).toContain('only an owner');
    expect(refusal(ada, replace(third, second))).toContain('another key now');
    expect(refusal(ada, replace(first, first))).toContain('counts already');
    await then(ada, replace(first, second));
    expect(authority.gatewayKey).toBe(second);
    // The same statement again, and one that was signed before it.
    expect(refusal(ada, replace(first, second))).toContain('another key now');
    expect(refusal(ada, replace(first, third))).toContain('another key now');
    await then(ada, added(service));
    expect((await replay({ ...pin, head: authority.head }, rows, SIGN)).gatewayKey).toBe(second);
    await expect(extend(authority, rowOf(bob, authority, replace(second, third)), SIGN)).rejects.toMatchObject(broken);
  });
});
