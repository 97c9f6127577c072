import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ClockProvider } from '#components/ui';
import type { GrantView } from '#lib/views';
import { GrantCard } from './grant-card';
import { PastGrants } from './past-grants';

const NOW = '2026-11-22T03:00:00.000Z';

const grant: GrantView = {
  id: 'grn_1',
  kind: 'elevated',
  state: 'active',
  endReason: null,
  endedBy: null,
  requestId: 'req_1',
  agent: { id: 'agt_1', name: 'deploy-bot' },
  target: { id: 'tgt_1', name: 'bookings-db', kind: 'postgres', environment: 'production' },
  resources: ['table/public.bookings'],
  verbs: ['update'],
  ttlSeconds: 600,
  maxUses: null,
  uses: 0,
  approvedBy: [{ id: 'hum_1', name: 'Ada' }],
  readyAt: NOW,
  collectBy: NOW,
  collectedAt: NOW,
  expiresAt: '2026-11-22T03:10:00.000Z',
  endingAt: null,
  endedAt: null,
  proof: null,
  stillLive: null,
  reference: 'cs_x',
  notRun: null,
  answer: null,
  version: 1,
};

const draw = (view: GrantView): string =>
  renderToStaticMarkup(
    <ClockProvider now={NOW}>
      <GrantCard grant={view} mayRevoke={false} />
    </ClockProvider>,
  );

describe('a grant', () => {
  it('whose end is not proven says STILL LIVE as an alert, with the reason (P5)', () => {
    const html = draw({ ...grant, state: 'ending', endReason: 'expired', stillLive: 'bookings-db does not answer.' });
    expect(html).toMatch(/role="alert"[^>]*><p[^>]*>STILL LIVE/);
    expect(html).toContain('bookings-db does not answer.');
  });

  it('that is ending is never called ended before the proof (P5)', () => {
    const html = draw({ ...grant, state: 'ending', endReason: 'revoked', endedBy: { id: 'hum_1', name: 'Ada' } });
    expect(html).toContain('ending…');
    expect(html).toContain('not proven yet');
    expect(html).not.toMatch(/Ended|Proven dead/);
  });

  it('past its time on the clock is not called ended either', () => {
    const html = draw({ ...grant, expiresAt: '2026-11-22T02:59:00.000Z' });
    expect(html).toContain('time is up, ending…');
    expect(html).not.toContain('Ended');
  });

  it('that ended shows every line of its proof', () => {
    const html = draw({
      ...grant,
      state: 'ended',
      endReason: 'revoked',
      endedAt: NOW,
      proof: ['login refused (28P01)', 'sessions: 0'],
    });
    for (const line of ['Proven dead', 'login refused (28P01)', 'sessions: 0', 'it was revoked'])
      expect(html).toContain(line);
  });

  it('that is live shows the time left and who approved', () => {
    const html = draw(grant);
    for (const words of ['10 minutes left', 'Ada', 'PRODUCTION', 'table/public.bookings'])
      expect(html).toContain(words);
  });

  it('cannot hide what it was with invisible characters, live or past (T20)', () => {
    const bad = 'a\u202Eb';
    const named: GrantView = {
      ...grant,
      agent: { id: 'agt_1', name: bad },
      resources: [bad],
      verbs: [bad],
      reference: bad,
      stillLive: bad,
      proof: [bad],
      approvedBy: [{ id: 'hum_1', name: bad }],
    };
    const html =
      draw(named) + renderToStaticMarkup(<PastGrants grants={[{ ...named, state: 'ended', endedAt: NOW }]} />);
    expect(html).not.toContain('\u202E');
    expect(html).toContain('a\\u{202E}b');
  });
});
