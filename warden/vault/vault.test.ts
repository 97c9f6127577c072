import { createPublicKey } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openVault, type Vault } from './index';

let folder: string;
let vault: Vault;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'vault-')), 'warden');
  vault = openVault(folder);
});

const SECRET = 'postgresql://broker:canary-2f91@db/app';
const at = (seconds: number): Date => new Date(4_000_000_000_000 + seconds * 1_000);
const again = (): Vault => openVault(folder);

describe('A sealed secret', () => {
  test('opens for its owner, also after a restart, and shows nothing of itself', () => {
    const sealed = vault.seal('tgt_1', SECRET);
    expect([vault.open('tgt_1', sealed), again().open('tgt_1', sealed)]).toEqual([SECRET, SECRET]);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('canary');
    expect(vault.open('tgt_1', vault.seal('tgt_1', ''))).toBe('');
    expect(vault.open('tgt_1', vault.seal('tgt_1', 'ü€😀'))).toBe('ü€😀');
  });

  test('is another one each time, so that equal secrets do not look alike', () => {
    const all = Array.from({ length: 100 }, () => vault.seal('tgt_1', SECRET));
    expect(new Set(all).size).toBe(100);
    expect(new Set(all.map((sealed) => sealed.slice(0, 16))).size).toBe(100);
  });

  test('does not open for another owner, nor at another warden (P3)', () => {
    const sealed = vault.seal('tgt_1', SECRET);
    const stranger = openVault(join(mkdtempSync(join(tmpdir(), 'vault-')), 'warden'));
    for (const open of [
      () => vault.open('tgt_2', sealed),
      () => vault.open('', sealed),
      () => stranger.open('tgt_1', sealed),
    ])
      expect(open).toThrow(expect.objectContaining({ code: 'minting_stopped' }));
  });

  test('does not open where one bit, its length or its spelling is another, and never says what was in it', () => {
    const sealed = vault.seal('tgt_1', SECRET);
    const bytes = Buffer.from(sealed, 'base64url');
    const flipped = [...bytes.keys()].map((index) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
      return copy.toString('base64url');
    });
    const cut = [0, 11, 12, 27, 28, bytes.length - 1].map((length) => bytes.subarray(0, length).toString('base64url'));
    const longer = Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url');
    for (const wrong of [...flipped, ...cut, longer, '', `${sealed}=`, ` ${sealed}`, 'not base64url!'])
      expect(() => vault.open('tgt_1', wrong)).toThrow(
        expect.objectContaining({ code: 'minting_stopped', message: expect.not.stringContaining('canary') }),
      );
  });
});

describe('The folder', () => {
  test('is its owner’s only, and so is every file in it', () => {
    vault.writePin({ head: { seq: 1 } } as never);
    vault.spent.add('x');
    vault.ledger.minted('grn_1', at(60));
    vault.seenFreezes.note({ id: 'frz_1', humanId: 'hum_1', reason: '', begunAt: at(0) });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const files = readdirSync(folder);
    expect(files.sort()).toEqual(['freezes.log', 'ledger.log', 'pin.json', 'seal.key', 'signing.pem', 'spent.log']);
    for (const file of files) expect([file, statSync(join(folder, file)).mode & 0o777]).toEqual([file, 0o600]);
  });

  test('keeps its keys, its nonce secret and its pin over a restart', () => {
    expect(vault.readPin()).toBeNull();
    const pin = { head: { seq: 7, hash: 'abc' } } as never;
    vault.writePin(pin);
    const back = again();
    expect(back.readPin()).toEqual(pin);
    expect(back.nonceSecret).toEqual(vault.nonceSecret);
    expect(back.signingKey.equals(vault.signingKey)).toBe(true);
    expect(createPublicKey(vault.signingKey).equals(back.publicKey)).toBe(true);
    expect(vault.signingKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(vault.nonceSecret).toHaveLength(32);
  });

  test.each(['seal.key', 'signing.pem'])('makes no new %s where a pin says that this is no first start', (file) => {
    vault.writePin({ head: { seq: 1 } } as never);
    rmSync(join(folder, file));
    expect(again).toThrow(new RegExp(`${file}.* is not there`));
    expect(readdirSync(folder)).not.toContain(file);
  });

  test.each(['', 'c2hvcnQ', 'not base64url!'])('takes no seal key that is none: %j', (text) => {
    writeFileSync(join(folder, 'seal.key'), text);
    expect(again).toThrow(/seal\.key.* is not a key/);
  });
});

describe('The ledger', () => {
  const early = (ledger: Vault['ledger'], now = at(0)): object => Object.fromEntries(ledger.endedEarly(now));

  test('knows after a restart what lives and what was ended before its time', () => {
    vault.ledger.minted('grn_1', at(60));
    vault.ledger.minted('grn_2', at(90));
    vault.ledger.ended('grn_1');
    for (const { ledger } of [vault, again()]) {
      expect(ledger.live()).toEqual(['grn_2']);
      expect(early(ledger)).toEqual({ grn_1: at(60) });
    }
  });

  test('forgets each when its time is over, and not before', () => {
    vault.ledger.minted('grn_1', at(60));
    vault.ledger.minted('grn_2', at(60));
    vault.ledger.ended('grn_1');
    expect(early(vault.ledger, at(59.999))).toEqual({ grn_1: at(60) });
    expect(early(vault.ledger, at(60))).toEqual({});
    expect(vault.ledger.live()).toEqual([]);
  });

  test('takes no end back, says it once, and knows nothing of what was never minted', () => {
    vault.ledger.ended('grn_0');
    vault.ledger.minted('grn_1', at(60));
    vault.ledger.ended('grn_1');
    vault.ledger.ended('grn_1');
    const line = (ended: boolean) => JSON.stringify(['grn_1', { until: at(60).toISOString(), ended }]);
    expect(readFileSync(join(folder, 'ledger.log'), 'utf8')).toBe(`${line(false)}\n${line(true)}\n`);
    expect(again().ledger.live()).toEqual([]);
  });

  test('is not confused by a line that a crash cut off', () => {
    vault.ledger.minted('grn_1', at(60));
    appendFileSync(join(folder, 'ledger.log'), '["grn_2",{"until":"2027');
    const { ledger } = again();
    ledger.ended('grn_1');
    expect([again().ledger.live(), early(again().ledger)]).toEqual([[], { grn_1: at(60) }]);
  });
});

describe('Freezes', () => {
  const freeze = { id: 'frz_1', humanId: 'hum_1', reason: 'Line\nbreak "and" quotes', begunAt: at(0) };

  test('are remembered over a restart, as they were first seen', () => {
    vault.seenFreezes.note(freeze);
    vault.seenFreezes.note({ ...freeze, reason: 'another', begunAt: at(100) });
    for (const { seenFreezes } of [vault, again()]) expect(seenFreezes.list()).toEqual([freeze]);
  });

  test('do not keep the warden from starting where the last line was cut off', () => {
    vault.seenFreezes.note(freeze);
    appendFileSync(join(folder, 'freezes.log'), '["frz_2",{"hum');
    expect(again().seenFreezes.list()).toEqual([freeze]);
  });
});

test('What was spent stays spent over a restart', () => {
  vault.spent.add('digest-1');
  expect([again().spent.has('digest-1'), again().spent.has('digest-2')]).toEqual([true, false]);
});

describe('Live credentials', () => {
  const role = (grantId: string) => ({
    grantId,
    targetId: 'tgt_1',
    reference: `cs_${grantId}`,
    until: at(60),
    sealed: 'x',
  });

  test('are known after a restart until they are proven dead', () => {
    vault.live.begun(role('grn_1'));
    vault.live.begun(role('grn_2'));
    vault.live.over('grn_1');
    vault.live.over('grn_0');
    for (const { live } of [vault, again()]) expect(live.list()).toEqual([role('grn_2')]);
    expect(readFileSync(join(folder, 'live.log'), 'utf8').split('\n')).toHaveLength(4);
  });

  test('leave no file that only grows', () => {
    for (let n = 0; n < 502; n += 1) {
      vault.live.begun(role(`grn_${n}`));
      if (n > 0) vault.live.over(`grn_${n}`);
    }
    expect(again().live.list()).toEqual([role('grn_0')]);
    expect(readFileSync(join(folder, 'live.log'), 'utf8').trim().split('\n')).toHaveLength(1);
    expect(statSync(join(folder, 'live.log')).mode & 0o777).toBe(0o600);
    const { live } = again();
    live.begun(role('grn_x'));
    expect(
      again()
        .live.list()
        .map(({ grantId }) => grantId),
    ).toEqual(['grn_0', 'grn_x']);
  });
});

describe('Ends that were decided', () => {
  const revoked = { reason: 'revoked', by: 'warden' } as const;
  const lines = (file: string): string[] => readFileSync(join(folder, file), 'utf8').trim().split('\n');

  test('hold over a restart, with the request and the token that each was for', () => {
    vault.granted.set('grn_1', 'req_1');
    vault.ledger.minted('grn_1', new Date(Date.now() + 60_000));
    vault.stopped.add('grn_1', revoked);
    for (const { stopped, spent, ledger } of [vault, again()]) {
      expect([stopped.has('grn_1'), stopped.has('grn_2')]).toEqual([true, false]);
      expect(spent.has('ended req_1')).toBe(true);
      expect(ledger.live()).toEqual([]);
    }
  });

  test('are written once, as they were first decided, until their rows say so', () => {
    vault.stopped.add('grn_1', revoked);
    vault.stopped.add('grn_1', { reason: 'voided', by: 'clock' });
    expect([...vault.stopped.unwritten]).toMatchObject([['grn_1', revoked]]);
    vault.stopped.written('grn_1');
    vault.stopped.add('grn_1', revoked);
    expect([vault.stopped.unwritten.has('grn_1'), vault.stopped.has('grn_1')]).toEqual([false, true]);
    expect(lines('stopped.log')).toHaveLength(1);
    // Nobody knows after a restart what the row says.
    expect(again().stopped.unwritten.has('grn_1')).toBe(true);
  });

  test('are noted many at a time, each by its first word, with what it was for', () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `grn_${n}`);
    vault.granted.setAll(ids.map((id) => [id, id.replace('grn', 'req')]));
    vault.stopped.add('grn_7', { reason: 'voided', by: 'clock' });
    const stops = vault.stopped.addAll(ids, revoked);
    expect([stops.size, stops.get('grn_7')?.reason, stops.get('grn_8')?.reason]).toEqual([2_000, 'voided', 'revoked']);
    expect(lines('stopped.log')).toHaveLength(2_000);
    const after = again();
    expect(ids.every((id) => after.stopped.has(id) && after.spent.has(`ended ${id.replace('grn', 'req')}`))).toBe(true);
  });

  test('end a token that was minted in the moment after', () => {
    vault.stopped.add('grn_1', revoked);
    vault.ledger.minted('grn_1', new Date(Date.now() + 60_000));
    vault.stopped.add('grn_1', revoked);
    expect(again().ledger.live()).toEqual([]);
  });

  test('hold in this process where the disk takes no line, and are noted as soon as it does', () => {
    mkdirSync(join(folder, 'stopped.log'));
    expect(() => vault.stopped.add('grn_1', revoked)).toThrow();
    expect([vault.stopped.has('grn_1'), vault.stopped.unwritten.has('grn_1')]).toEqual([true, true]);
    rmdirSync(join(folder, 'stopped.log'));
    vault.stopped.add('grn_1', revoked);
    expect(again().stopped.has('grn_1')).toBe(true);
  });

  test('leave no file that only grows, and are kept for longer than a credential lives', () => {
    const line = (grantId: string, ageMs: number): string =>
      `${JSON.stringify([grantId, { ...revoked, at: new Date(Date.now() - ageMs).toISOString() }])}\n`;
    const old = Array.from({ length: 1_002 }, (_, n) => line(`grn_old${n}`, 49 * 3_600_000)).join('');
    writeFileSync(join(folder, 'stopped.log'), old + line('grn_1', 25 * 3_600_000));
    expect([again().stopped.has('grn_old7'), again().stopped.has('grn_1')]).toEqual([false, true]);
    expect(lines('stopped.log')).toHaveLength(1);
    expect(statSync(join(folder, 'stopped.log')).mode & 0o777).toBe(0o600);
  });
});
