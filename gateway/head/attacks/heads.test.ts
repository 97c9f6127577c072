import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Json, sha256Base64url } from '#lib/core';
import { endedDigest, type Head, type RecordKind, recordsDigest, signRecord } from '#lib/records';
import { httpConfig } from '#testing/provider';
import { type Acceptor, createAcceptor } from '../accept';
import type { HeadRow } from '../read';

/* Whoever owns the database writes heads, records and ended grants as they like. */

const warden = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const DIGEST = 'A'.repeat(43);

const recordOf = (key: typeof warden, kind: RecordKind, id: string, value: Json) => ({
  ...{ kind, id },
  ...signRecord(key, kind, value),
});
const target = (id: string, more: object = {}, key = warden) =>
  recordOf(key, 'target', id, {
    ...{ id, config: { ...httpConfig('https://api.example/') } as Json },
    ...{ secretDigest: DIGEST, chainHash: DIGEST, active: true, ...more },
  } as Json);
const agent = (id: string, key = warden) =>
  recordOf(key, 'agent', id, { id, tokenHash: sha256Base64url(id), publicJwk: null, before: null, active: true });

const RECORDS = [target('tgt_1'), agent('agt_1'), agent('agt_2')];
const ENDED = ['grn_1', 'grn_2'];

interface Made {
  readonly seq?: number;
  readonly key?: typeof warden;
  readonly records?: HeadRow['records'];
  readonly ended?: readonly string[];
  readonly more?: Partial<Head>;
}

/** A row with a head that says what its records and ended grants are. */
function row({ seq = 1, key = warden, records = RECORDS, ended = ENDED, more = {} }: Made = {}): HeadRow {
  const digests = (records ?? []).map(({ kind, id, body }) => ({ kind, id, digest: sha256Base64url(body) }));
  const head: Head = {
    ...{
      seq,
      at: '2026-01-01T00:00:00.000Z',
      halted: null,
      records: recordsDigest(digests),
      frozen: [],
      thawed: [],
      nonces: {},
    },
    ended: { count: ended.length, digest: endedDigest(ended) },
    ...more,
  };
  return { ...signRecord(key, 'head', head as unknown as Json), records, ended, freezes: [] };
}

let acceptor: Acceptor;
beforeEach(() => {
  acceptor = createAcceptor(createPublicKey(warden), 0);
});
const kindOf = (of: HeadRow): string => acceptor.accept(of).kind;

test('A head of the warden’s with its records is believed, and the next one, and the same one again', () => {
  const first = acceptor.accept(row());
  if (first.kind !== 'new') throw new Error(first.kind);
  expect([...first.state.agents.keys()]).toEqual(['agt_1', 'agt_2']);
  expect(first.state.isEnded('grn_1')).toBe(true);
  expect(kindOf(row())).toBe('same');
  expect(kindOf({ ...row({ seq: 2 }), records: null, ended: null })).toBe('new');
});

describe('Not believed is', () => {
  test.each<[string, () => HeadRow]>([
    ['a head that another key signed', () => row({ key: stranger })],
    ['a record that another key signed', () => row({ records: [...RECORDS, agent('agt_3', stranger)] })],
    ['a record that was signed as another kind', () => row({ records: [...RECORDS, posing()] })],
    ['a record that was added', () => ({ ...row(), records: [...RECORDS, agent('agt_3')] })],
    ['a record that was removed', () => ({ ...row(), records: RECORDS.slice(1) })],
    ['a record in another’s place', () => ({ ...row(), records: [target('tgt_1'), agent('agt_1'), agent('agt_1')] })],
    ['a record under another id', () => ({ ...row(), records: RECORDS.map((one) => ({ ...one, id: 'agt_9' })) })],
    [
      'a target that was switched on again',
      () => ({ ...row(), records: [target('tgt_1', { active: false }), ...RECORDS] }),
    ],
    ['a grant that was taken off the list of ended ones', () => ({ ...row(), ended: ['grn_1'] })],
    ['a list of ended grants that was emptied', () => ({ ...row(), ended: [] })],
    ['a grant in another’s place on that list', () => ({ ...row(), ended: ['grn_1', 'grn_3'] })],
    ['a head whose records nobody has', () => ({ ...row(), records: null })],
    ['a head with a byte more', () => ({ ...row(), body: `${row().body} ` })],
  ])('%s', (_what, made) => {
    expect(kindOf(made())).toBe('refused');
  });

  test('a head that was put back in time, also after a restart', () => {
    const [old, newer] = [row({ seq: 7 }), row({ seq: 8 })];
    for (const one of [old, newer]) expect(kindOf(one)).toBe('new');
    expect(kindOf(old)).toBe('refused');
    const restarted = createAcceptor(createPublicKey(warden), acceptor.highest());
    expect(restarted.accept(old).kind).toBe('refused');
    expect(restarted.accept(newer).kind).toBe('new');
  });

  test('a second head of the same number', () => {
    expect(kindOf(row({ seq: 3 }))).toBe('new');
    expect(kindOf(row({ seq: 3, more: { thawed: ['frz_1'] } }))).toBe('refused');
  });

  test('that there is no head, once there was one', () => {
    expect(kindOf({ ...row(), body: null, signature: null })).toBe('nothing');
    expect(kindOf(row())).toBe('new');
    expect(kindOf({ ...row(), body: null, signature: null })).toBe('refused');
  });
});

/** An agent's text with the signature of a target's. */
const posing = () => ({ ...agent('agt_3'), signature: target('tgt_1').signature });

test('After what is not believed the last state stands, and the next good head is', () => {
  acceptor.accept(row());
  acceptor.accept({ ...row({ seq: 2 }), records: [] });
  expect(acceptor.highest()).toBe(1);
  expect(kindOf(row({ seq: 2 }))).toBe('new');
});
