import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { ClockProvider } from '#components/ui';
import type { KeyView } from '#lib/views';
import { KeyList } from './key-list';

const key = (kind: KeyView['class']): KeyView => ({
  ...{ id: 'key_1', label: 'Blue', class: kind, model: 'Some key', icon: 'data:image/png;base64,AAAA' },
  ...{ state: 'active', createdAt: '2026-11-22T03:00:00.000Z', lastUsedAt: null },
});

const shown = (kind: KeyView['class']): string =>
  renderToStaticMarkup(
    <ClockProvider now="2026-11-22T03:00:00.000Z">
      <KeyList keys={[key(kind)]} mayDisable={false} acceptsClaimed={false} />
    </ClockProvider>,
  );

it('shows a maker’s picture beside a key that the maker vouches for, and beside no other', () => {
  expect(shown('attested')).toContain('data:image/png');
  for (const kind of ['claimed', 'synced'] as const) {
    expect(shown(kind)).not.toContain('<img');
    expect(shown(kind)).toContain('calls itself');
  }
});
