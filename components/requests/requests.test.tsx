import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ClockProvider } from '#components/ui';
import type { RequestView } from '#lib/views';
import { Claims } from './claims';
import { ExactOperation } from './exact-operation';
import { Findings } from './findings';
import { RequestHead } from './request-head';
import { RequestList } from './request-row';
import { dangerWord } from './words';

const NOW = '2026-11-22T03:00:00.000Z';

const request: RequestView = {
  id: 'req_1',
  state: 'pending',
  stateReason: null,
  agent: { id: 'agt_1', name: 'deploy-bot', owner: { id: 'hum_2', name: 'Grace' } },
  target: { id: 'tgt_1', name: 'bookings-db', kind: 'postgres', environment: 'production' },
  resources: ['table/public.bookings'],
  verbs: ['update', 'delete'],
  ttlSeconds: 600,
  maxUses: null,
  reason: 'Guest 42 moved.',
  ticketUrl: null,
  operation: null,
  held: false,
  preview: null,
  danger: 5,
  createdAt: NOW,
  decideBy: '2026-11-22T03:42:00.000Z',
  decidedAt: null,
  decidedBy: null,
  grantId: null,
  may: { approve: true, whyNot: null, deny: true },
  soleOwner: false,
  version: 1,
};

const draw = (element: ReactElement): string =>
  renderToStaticMarkup(<ClockProvider now={NOW}>{element}</ClockProvider>);

const everything = (view: RequestView): string =>
  draw(
    <>
      <RequestHead request={view} />
      <Findings request={view} />
      {view.operation === null ? null : <ExactOperation operation={view.operation} />}
      <Claims reason={view.reason} ticketUrl={view.ticketUrl} />
      <RequestList requests={[view]} label="Waiting" />
    </>,
  );

/** Bidi overrides and isolates, zero-width, fillers, tag characters, line separators, variation selectors. */
const HIDDEN = [
  0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2066, 0x2067, 0x2068,
  0x2069, 0x2028, 0x2029, 0x00ad, 0x061c, 0x180e, 0x3164, 0xfeff, 0xfe0f, 0x1b, 0x07, 0xa0, 0xe0001, 0xe0041, 0xe0100,
];

describe('what an agent wrote', () => {
  it.each(HIDDEN)('shows U+%i as its number in every field of a request, never as itself (T20)', (point) => {
    const hidden = String.fromCodePoint(point);
    const bad = `a${hidden}b`;
    const html = everything({
      ...request,
      state: 'denied',
      decidedAt: NOW,
      decidedBy: { id: 'hum_1', name: bad },
      stateReason: bad,
      agent: { id: 'agt_1', name: bad, owner: { id: 'hum_2', name: bad } },
      target: { ...request.target, name: bad, environment: bad },
      resources: [bad],
      verbs: [bad],
      reason: bad,
      ticketUrl: `https://${bad}`,
      operation: { sql: bad, parameters: [bad] },
      preview: {
        effects: [bad],
        touched: [{ resource: bad, how: bad, countedRows: null, estimatedRows: null }],
        warnings: [bad],
        maxRows: null,
        plan: bad,
      },
    });
    expect(html).not.toContain(hidden);
    expect(html).toContain(`\\u{${point.toString(16).toUpperCase()}}`);
  });

  it('stays inert: no markup, no button, no link, no picture of its own (T2)', () => {
    const reason =
      '<b>APPROVED</b><button>Approve</button><img src=x onerror=alert(1)> [Approve](https://evil.example) https://evil.example\u001b[32m';
    const html = draw(<Claims reason={reason} ticketUrl="javascript:alert(1)" />);
    expect(html).not.toMatch(/<(b|img|a|script|iframe)[ >]/);
    expect(html).not.toContain('href');
    expect(html).toContain('&lt;button&gt;Approve&lt;/button&gt;');
    expect(html).toContain('javascript:alert(1)');
  });

  it('is fenced and marked as not checked, and comes after the facts and findings (T2)', () => {
    const html = everything({ ...request, reason: `x${'\n'.repeat(500)}y` });
    const order = [
      'PRODUCTION',
      'delete',
      'table/public.bookings',
      '10 minutes',
      '42 minutes left',
      'Looked up by the warden at the database, not told by the agent.',
      'The agent says — not checked',
    ];
    const places = order.map((text) => html.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(html).toContain('502 characters in 501 lines');
  });

  it('is called out when its letters only look Latin', () => {
    expect(draw(<Claims reason="рaypal says yes" ticketUrl={null} />)).toContain('only look like Latin');
    expect(draw(<Claims reason="Ada says yes" ticketUrl={null} />)).not.toContain('only look like Latin');
  });
});

describe('the facts of a request', () => {
  const long = `table/public.${'x'.repeat(10_000)}`;

  it('are shown whole, however long: no ellipsis in verbs, resource, environment or time (T21)', () => {
    const html = everything({
      ...request,
      resources: [long, 'schema/public'],
      verbs: ['select', 'update', `v${'y'.repeat(500)}`],
      target: { ...request.target, environment: `e${'z'.repeat(500)}` },
    });
    for (const whole of [long, 'schema/public', 'select', `v${'y'.repeat(500)}`, `e${'z'.repeat(500)}`, '10 minutes'])
      expect(html).toContain(whole);
    expect(html).not.toMatch(/truncate|text-ellipsis|line-clamp|whitespace-nowrap/);
  });

  it('say production in capitals, and nothing else does', () => {
    expect(draw(<RequestHead request={request} />)).toContain('PRODUCTION');
    expect(
      draw(<RequestHead request={{ ...request, target: { ...request.target, environment: 'staging' } }} />),
    ).not.toContain('PRODUCTION');
  });

  it('show every line and every parameter of an exact statement', () => {
    const html = draw(
      <ExactOperation
        operation={{ sql: `SELECT 1;${'\n'.repeat(300)}DELETE FROM bookings`, parameters: ['x', null, 7] }}
      />,
    );
    expect(html).toContain('DELETE FROM bookings');
    expect(html).toContain('in 301 lines');
    for (const name of ['$1', '$2', '$3']) expect(html).toContain(name);
    expect(html).not.toMatch(/max-h-|overflow-(hidden|auto|y)/);
  });

  it('call an unknown danger destructive (P7)', () => {
    expect([0, 1, 2, 3, 4, 5].map((danger) => dangerWord({ danger, preview: null }).word)).toEqual([
      'Reads',
      'Changes data',
      'Destroys data',
      'Reads',
      'Changes data',
      'Destroys data',
    ]);
    expect(dangerWord({ danger: 99, preview: null }).word).toBe('Destroys data');
  });

  it('mark what makes credentials as what it is, and not as what destroys (T31)', () => {
    const touched = [{ resource: 'token/*', how: 'create (escalating)', countedRows: null, estimatedRows: null }];
    const preview = { effects: [], touched, warnings: [], maxRows: null, plan: null };
    const html = everything({ ...request, preview });
    expect(html).toContain('Makes credentials or members, or turns a protection off');
    expect(html).not.toContain('Destroys');
  });

  it('say UNKNOWN in red for what nobody could look up, and for an environment that nobody named', () => {
    const found = [{ label: 'Volume', values: null, weight: 'plain' as const, bound: true }];
    const preview = { effects: [], touched: [], warnings: [], maxRows: null, plan: null, found };
    const reds = (more: object): number =>
      everything({ ...request, preview: { ...preview, ...more } }).split(/<dd class="[^"]*text-danger[^"]*">UNKNOWN/)
        .length - 1;
    expect([reds({}), reds({ environment: 'staging' }), reds({ environment: null })]).toEqual([1, 1, 2]);
  });

  it('say that nobody can approve it, and why, before anything else', () => {
    const preview = { effects: ['Runs once.'], touched: [], warnings: [], maxRows: null, plan: null };
    const page = draw(<Findings request={{ ...request, preview: { ...preview, blocked: 'No such <b>thing</b>.' } }} />);
    expect(page.indexOf('Nobody can approve this')).toBeGreaterThan(0);
    expect(page.indexOf('No such &lt;b&gt;')).toBeLessThan(page.indexOf('Runs once.'));
    expect(draw(<Findings request={{ ...request, preview }} />)).not.toContain('Nobody can approve this');
  });

  it('name the process that says it: the gateway of a provider, the warden of a database (T27)', () => {
    const preview = { effects: [], touched: [], warnings: [], maxRows: null, plan: null };
    const provider = { ...request, target: { ...request.target, kind: 'graphql' as const } };
    const nobody = { ...preview, found: [{ label: 'x', values: null, weight: 'danger' as const, bound: false }] };
    const said = (view: RequestView) => draw(<Findings request={view} />);
    expect(said({ ...request, preview })).toContain('Looked up by the warden at the database');
    expect(said({ ...provider, preview: { ...preview, by: 'gateway' } })).toContain('Looked up by the gateway');
    expect(said({ ...provider, preview: nobody })).toContain('did not look within a minute');
    expect(said({ ...provider, state: 'preparing' })).toContain('After a minute it says UNKNOWN');
    expect(said({ ...provider, state: 'cancelled' })).toContain('before this was decided');
    const operation = { sql: 'SELECT 1', parameters: [] };
    const runner = (view: RequestView) => draw(<RequestHead request={{ ...view, operation }} />);
    expect([runner(request).includes('run by the warden'), runner(provider).includes('run by the gateway')]).toEqual([
      true,
      true,
    ]);
  });

  it('say UNKNOWN beside the danger, in the head and in a list, where anything could not be found out', () => {
    const preview = { effects: [], touched: [], warnings: [], maxRows: null, plan: null };
    const found = [{ label: 'x', values: null, weight: 'danger' as const, bound: false }];
    const badges = (view: RequestView): number =>
      draw(
        <>
          <RequestHead request={view} />
          <RequestList requests={[view]} label="Waiting" />
        </>,
      ).split('>UNKNOWN<').length - 1;
    expect([badges({ ...request, preview }), badges({ ...request, preview: { ...preview, found } })]).toEqual([0, 2]);
  });

  it('never confuse a count with a guess', () => {
    const touched = [
      { resource: 'table/public.a', how: 'delete', countedRows: 3, estimatedRows: 9 },
      { resource: 'table/public.b', how: 'delete', countedRows: null, estimatedRows: 9 },
      { resource: 'table/public.c', how: 'delete', countedRows: null, estimatedRows: null },
    ];
    const html = draw(
      <Findings request={{ ...request, preview: { effects: [], warnings: [], plan: null, maxRows: null, touched } }} />,
    );
    for (const words of ['3 counted', 'about 9', 'not known']) expect(html).toContain(words);
  });
});

describe('a held call', () => {
  const operation = { method: 'DELETE' as const, path: '/v1/things/1' };
  const target = { ...request.target, kind: 'http' as const };

  it('is not said to wait still: whether it does, or is sent again, nobody here knows', () => {
    const html = everything({ ...request, target, operation, held: true });
    expect(html).toContain('held call');
    expect(html).toContain('while the agent’s call waits, or when the agent sends it again');
    expect(html).not.toContain('on the line');
    expect(everything({ ...request, target, operation })).not.toContain('held call');
  });
});
