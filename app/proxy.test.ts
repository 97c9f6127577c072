import { NextRequest } from 'next/server';
import { afterEach, expect, test, vi } from 'vitest';
import { proxy } from '../proxy';

afterEach(() => vi.unstubAllEnvs());

test('A page of web says to come by TLS only where it is reached by TLS', () => {
  const strictness = (origin: string): string | null => {
    vi.stubEnv('WEB_ORIGIN', origin);
    return proxy(new NextRequest(`${origin}/`)).headers.get('strict-transport-security');
  };
  expect(strictness('https://countersign.example')).toBe('max-age=63072000');
  expect(strictness('http://localhost:3000')).toBeNull();
});
