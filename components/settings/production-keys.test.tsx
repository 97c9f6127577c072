import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { KeyList } from '#components/people';
import { ClockProvider } from '#components/ui';
import type { KeyView, ProductionKeysView } from '#lib/views';
import { ProductionKeysCard } from './production-keys';

vi.mock('next/navigation', () => ({ useRouter: () => ({ refresh: () => undefined }) }));

const AT = '2026-11-22T03:00:00.000Z';
const proven: ProductionKeysView = {
  ...{
    acceptsClaimed: false,
    since: AT,
    by: 'Ada',
    asked: true,
    recovery: { keyId: 'key_code', of: 'Ada', waits: false },
  },
  makers: { roots: 0, metadata: null },
};

const text = (node: Parameters<typeof renderToStaticMarkup>[0]): string =>
  renderToStaticMarkup(<ClockProvider now={AT}>{node}</ClockProvider>).replace(/<[^>]+>/g, ' ');
const draw = (production: ProductionKeysView, mayDecide = true): string =>
  text(<ProductionKeysCard production={production} mayDecide={mayDecide} />);

describe('the card of keys for production', () => {
  it('says what production takes and who decided it, and offers an owner the other', () => {
    expect(draw(proven)).toMatch(/keys proven by their maker .*Ada/s);
    expect(draw(proven)).toContain('Accept unproven keys');
    const accepted = draw({ ...proven, acceptsClaimed: true });
    expect(accepted).toContain('proven keys, and keys that nobody proved');
    expect(accepted).toContain('Take proven keys only');
  });

  it('offers nobody else anything', () => {
    expect(draw(proven, false)).not.toContain('Accept unproven keys');
  });

  it('says of an older installation that nobody was asked', () => {
    expect(draw({ ...proven, asked: false })).toContain('set up before this was asked');
  });

  it('says whether a key waits on the recovery code, and lets an owner stop it', () => {
    expect(draw(proven)).toContain('not in use');
    expect(draw(proven)).not.toContain('Stop that key');
    expect(draw(proven)).toContain('Take the code out of use');
    expect(draw(proven, false)).not.toContain('Take the code out of use');
    const used = { ...proven, recovery: { keyId: 'key_code', of: 'Ada', waits: true } };
    expect(draw(used)).toMatch(/somebody used it, and a new key waits.*Stop that key/s);
    expect(draw(used, false)).not.toContain('Stop that key');
    expect(draw({ ...proven, recovery: null })).toContain('none that works');
  });

  it.each([
    [0, 'those built in'],
    [1, 'those built in, and one certificate of your own'],
    [2, 'those built in, and 2 certificates of your own'],
  ])('counts an owner’s certificates: %s', (roots, words) => {
    expect(draw({ ...proven, makers: { roots, metadata: null } })).toContain(words);
  });

  it.each([
    ['none', null, 'none: a model that was reported compromised is not noticed'],
    ['good until a day', 0, 'edition 7, the next is due on 2026-11-20'],
    ['a day over it', 1, 'was due on 2026-11-20, 1 day ago: put the newer one there'],
    ['long over it', 40, '40 days ago'],
  ])('tells the age of FIDO’s metadata: %s', (_case, overdueDays, words) => {
    const metadata = overdueDays === null ? null : { number: 7, nextUpdate: '2026-11-20', overdueDays };
    expect(draw({ ...proven, makers: { roots: 2, metadata } })).toContain(words);
  });
});

describe('a key in a list', () => {
  const key: KeyView = {
    ...{ id: 'key_1', label: 'Blue key', class: 'claimed', state: 'active', createdAt: AT, lastUsedAt: null },
    ...{ model: 'YubiKey 5', icon: null },
  };
  const list = (more: Partial<KeyView>, acceptsClaimed = false): string =>
    text(<KeyList keys={[{ ...key, ...more }]} mayDisable={false} acceptsClaimed={acceptsClaimed} />);

  it('says what nobody proved, what it calls itself, and whether that is accepted', () => {
    expect(list({})).toMatch(/calls itself .*YubiKey 5/s);
    expect(list({})).toContain('hardware key by its own word, proven by nobody: not for production');
    expect(list({}, true)).toContain('accepted for production here');
  });

  it('says what was proven without doubt', () => {
    const said = list({ class: 'attested' }, true);
    expect(said).toContain('hardware key, proven by its maker');
    expect(said).not.toMatch(/calls itself|accepted/);
  });

  it('says that a synced passkey is not for production, whatever is accepted', () => {
    expect(list({ class: 'synced' }, true)).toContain('synced passkey: not for production');
  });
});
