import { beforeEach, expect, test, vi } from 'vitest';

/*
 * The session's row is tested in lib/identity; here only which visits count as use.
 */

const jar = vi.hoisted(() => new Set<string>());
const openSession = vi.hoisted(() => vi.fn(async () => null));
vi.mock('next/headers', () => ({ cookies: async () => ({ has: (name: string) => jar.has(name) }) }));
vi.mock('next/navigation', () => ({ redirect: vi.fn() }));
vi.mock('./cookie', () => ({ sessionIdOf: async () => 'ses_1' }));
vi.mock('#lib/console', () => ({ web: () => ({ db: 'db' }) }));
vi.mock('#lib/identity', () => ({ openSession }));

const { currentViewer, pageViewer } = await import('./viewer');

beforeEach(() => {
  jar.clear();
  openSession.mockClear();
});

test('Drawing a page keeps the session alive while somebody is at it', async () => {
  await pageViewer();
  expect(openSession).toHaveBeenCalledWith('db', 'ses_1', { touch: true });
});

test('Drawing a page anew for an empty chair does not', async () => {
  jar.add('cs_away');
  await pageViewer();
  expect(openSession).toHaveBeenCalledWith('db', 'ses_1', { touch: false });
});

test('What a person does through a route counts, whatever the cookie says', async () => {
  jar.add('cs_away');
  await currentViewer();
  expect(openSession).toHaveBeenCalledWith('db', 'ses_1', { touch: true });
});
