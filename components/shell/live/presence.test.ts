import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchPresence } from './presence';

const cookie = vi.fn<(text: string) => void>();
let jar = '';

beforeEach(() => {
  vi.useFakeTimers();
  jar = '';
  cookie.mockReset();
  vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout, clearTimeout }));
  vi.stubGlobal('document', {
    get cookie() {
      return jar;
    },
    set cookie(text: string) {
      cookie(text);
      jar = text.includes('max-age=0') ? '' : (text.split(';')[0] ?? '');
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const touched = (): boolean => window.dispatchEvent(new Event('keydown'));

test('A page nobody touches for a minute tells the server so, and takes it back at the first touch', () => {
  const stop = watchPresence();
  vi.advanceTimersByTime(59_000);
  touched();
  vi.advanceTimersByTime(59_000);
  expect(jar).toBe('');
  vi.advanceTimersByTime(1_000);
  expect(jar).toBe('cs_away=1');
  touched();
  expect(jar).toBe('');
  stop();
});

test('A page that was left says nothing more', () => {
  watchPresence()();
  vi.advanceTimersByTime(120_000);
  expect(cookie).not.toHaveBeenCalled();
});
