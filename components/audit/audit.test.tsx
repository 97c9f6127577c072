import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { EventView } from '#lib/views';
import { EventList } from './event-list';
import { address, readQuery, toFilter } from './filter';
import { Timeline } from './timeline';

const NOW = '2026-11-22T03:00:00.000Z';
const bad = 'bot\u202E<script>alert(1)</script>';
const event: EventView = {
  seq: '1',
  id: 'evt_1',
  kind: 'request.filed',
  at: NOW,
  actor: { id: 'agt_1', name: bad },
  sentence: `${bad} asked`,
  agent: null,
  human: null,
  target: null,
  requestId: 'req_1',
  grantId: null,
  body: `{"reason":"${bad}"}`,
  reportedBy: 'web',
  recordedAt: NOW,
};

const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, '');

describe('an event', () => {
  it('is shown with its record, inert and with nothing hidden, in the story and in the history (T2, T20)', () => {
    const html = renderToStaticMarkup(
      <>
        <Timeline events={[event]} />
        <EventList events={[event]} />
      </>,
    );
    expect(html).not.toContain('\u202E');
    expect(html).not.toContain('<script');
    expect(html).toContain('bot\\u{202E}&lt;script&gt;');
  });

  it.each([
    ['web', NOW, ', as web reported'],
    ['gateway', NOW, ', as the gateway reported'],
    ['gateway', '2026-11-22T03:05:00.000Z', ', as the gateway reported, recorded '],
    ['postgres', NOW, 'the database role postgres, which is no process of Countersign’s'],
  ])('that %s wrote says so, and when it was recorded where that was later (T90)', (reportedBy, recordedAt, words) => {
    for (const list of [Timeline, EventList])
      expect(textOf(renderToStaticMarkup(list({ events: [{ ...event, reportedBy, recordedAt }] })))).toContain(words);
  });

  it('that the warden wrote is the warden’s own word', () => {
    const html = textOf(renderToStaticMarkup(<Timeline events={[{ ...event, reportedBy: 'warden' }]} />));
    expect(html).not.toMatch(/reported|recorded/);
  });
});

describe('the history’s address', () => {
  it('comes back from the URL as it was written', () => {
    const query = readQuery({ agent: 'agt_1', kind: 'grant', from: '2026-11-01', cursor: ['a', 'b'] });
    const written = new URL(address('/history', query, query.trail), 'http://x');
    expect(written.search).toBe('?agent=agt_1&kind=grant&from=2026-11-01&cursor=a&cursor=b');
  });

  it('covers whole days and drops what is no day', () => {
    expect(toFilter(readQuery({ from: '2026-11-01', to: '2026-11-02' }))).toMatchObject({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-02T23:59:59.999Z',
    });
    expect(toFilter(readQuery({ from: 'yesterday', to: '2026-99-99' }))).toMatchObject({
      from: undefined,
      to: undefined,
    });
  });

  it('does not grow without end while paging', () => {
    const query = readQuery({});
    const trail = Array.from({ length: 500 }, (_, page) => `c${page}`);
    expect(address('/history', query, trail).length).toBeLessThan(400);
    expect(address('/history', query, trail)).toContain('cursor=c499');
  });
});
