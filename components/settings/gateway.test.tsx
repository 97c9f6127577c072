import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { ClockProvider } from '#components/ui';
import type { GatewayView } from '#lib/views';
import { GatewayCard } from './gateway-card';

vi.mock('next/navigation', () => ({ useRouter: () => ({ refresh: () => undefined }) }));

const AT = '2026-11-22T03:00:00.000Z';
const IN_FORCE = 'A'.repeat(43);
const OTHER = 'B'.repeat(43);

const well: GatewayView = {
  key: { thumbprint: IN_FORCE, since: AT, by: 'Ada', first: true },
  file: IN_FORCE,
  copies: [{ id: 'gwi_1', startedAt: AT, seenAt: AT, state: 'running', believed: true }],
  targets: [{ id: 'tgt_1', name: 'railway' }],
  typeAgain: [],
};

const draw = (gateway: GatewayView): string =>
  renderToStaticMarkup(
    <ClockProvider now={AT}>
      <GatewayCard gateway={gateway} />
    </ClockProvider>,
  );

const BUTTON = 'Replace the gateway’s key</button>';

describe('the gateway’s card', () => {
  it('offers nothing to sign while the file’s key is the one in force', () => {
    const html = draw(well);
    expect(html).toContain('when this installation was set up');
    expect(html).not.toContain(BUTTON);
    expect(html).not.toContain('role="note"');
  });

  it('shows both keys where they differ, what it means, and both readings of it', () => {
    const html = draw({ ...well, file: OTHER });
    for (const text of [IN_FORCE, OTHER, 'is not the one in force', 'You replaced it?', 'Nobody did?', BUTTON])
      expect(html).toContain(text);
  });

  it.each([
    ['the file is missing', null, 'is missing on the warden’s host'],
    ['the warden says nothing', undefined, 'does not say which key'],
  ])('offers nothing to sign where %s, and says why', (_case, file, words) => {
    const html = draw({ ...well, file });
    expect(html).toContain(words);
    expect(html).not.toContain(BUTTON);
  });

  it('names the secrets that are to be typed again after a change of key', () => {
    const html = draw({
      ...well,
      key: { thumbprint: IN_FORCE, since: AT, by: 'Ada', first: false },
      typeAgain: [
        { id: 'tgt_1', name: 'railway' },
        { id: 'tgt_2', name: 'github' },
      ],
    });
    expect(html).toContain('2 secrets are to be typed again');
    expect(html).toContain('railway, github');
    expect(html).not.toContain('set up');
  });

  it('tells a copy that runs from one that is silent and from one with another key', () => {
    const copy = { id: 'gwi_2', startedAt: AT, seenAt: AT } as const;
    expect(draw({ ...well, copies: [{ ...copy, state: 'running', believed: null }] })).toContain('>running<');
    expect(draw({ ...well, copies: [{ ...copy, state: 'silent', believed: true }] })).toContain('>not running<');
    expect(draw({ ...well, copies: [{ ...copy, state: 'running', believed: false }] })).toContain('not believed<');
    expect(draw({ ...well, copies: [], targets: [] })).toContain('calls to providers are refused');
  });

  it('says before the set-up and without targets that there is nothing to do', () => {
    const html = draw({ ...well, key: null, file: OTHER, targets: [] });
    expect(html).toContain('it has nothing to do');
    expect(html).not.toContain(BUTTON);
  });
});
