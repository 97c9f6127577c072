import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listen } from './listen';

/** An EventSource we hold the other end of. */
const opened: Array<{ readyState: number; closed: boolean; fire: (type: string, data?: string) => void }> = [];

function fakeSource(): unknown {
  const handlers = new Map<string, (event: { data: string }) => void>();
  const source = {
    readyState: 1,
    closed: false,
    addEventListener: (type: string, handler: (event: { data: string }) => void) => handlers.set(type, handler),
    close: () => {
      source.closed = true;
    },
    fire: (type: string, data = '') => handlers.get(type)?.({ data }),
  };
  opened.push(source);
  return source;
}

const last = () => opened.at(-1) ?? expect.fail('nothing was opened');

beforeEach(() => {
  opened.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal(
    'EventSource',
    Object.assign(
      function open() {
        return fakeSource();
      },
      { CLOSED: 2 },
    ),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('following the event stream', () => {
  it('draws the page anew once for a burst of changes', () => {
    const onChange = vi.fn();
    listen('/x', { onChange, onConnected: () => undefined });
    for (let i = 0; i < 50; i += 1) last().fire('change', '{}');
    vi.runAllTimers();
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('draws it anew after a reconnect, since changes may have been missed', () => {
    const onChange = vi.fn();
    listen('/x', { onChange, onConnected: () => undefined });
    last().fire('open');
    last().fire('error');
    last().fire('open');
    vi.runAllTimers();
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('opens the stream again itself after an HTTP error, which the browser does not', () => {
    listen('/x', { onChange: () => undefined, onConnected: () => undefined });
    last().readyState = 2;
    last().fire('error');
    vi.runAllTimers();
    expect(opened).toHaveLength(2);
    expect(opened[0]?.closed).toBe(true);
  });

  it('says that it is cut off only when it stays so, and that it is back', () => {
    const onConnected = vi.fn();
    listen('/x', { onChange: () => undefined, onConnected });
    last().fire('error');
    last().fire('open');
    vi.runAllTimers();
    expect(onConnected).not.toHaveBeenCalledWith(false);
    last().fire('error');
    vi.runAllTimers();
    expect(onConnected).toHaveBeenLastCalledWith(false);
    last().fire('open');
    expect(onConnected).toHaveBeenLastCalledWith(true);
  });

  it('draws it anew when the status changes, not for hearing the same again', () => {
    const onChange = vi.fn();
    listen('/x', { onChange, onConnected: () => undefined });
    last().fire('status', '{"a":1}');
    last().fire('status', '{"a":1}');
    vi.runAllTimers();
    expect(onChange).not.toHaveBeenCalled();
    last().fire('status', '{"a":2}');
    vi.runAllTimers();
    expect(onChange).toHaveBeenCalledTimes(1);
  });
});
