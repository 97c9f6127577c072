import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { DomainError, type ErrorCode } from '#lib/core';
import { listen } from '#lib/db';
import { log, PROBLEMS, problemBody, problemResponse, requestIdOf, waiter } from '#lib/http/wire';
import { freshDatabase } from '#testing/database';
import { parseWith, readBody } from './body';
import { namesVersion, preferredWait } from './preconditions';

beforeEach(() => {
  vi.spyOn(log, 'error').mockImplementation(() => undefined);
  vi.spyOn(log, 'info').mockImplementation(() => undefined);
});

describe('problems', () => {
  test('Every code has a status of an error, a title and a stable type', () => {
    for (const code of Object.keys(PROBLEMS) as ErrorCode[]) {
      const { status, body } = problemBody(new DomainError(code, 'Words.'), 'r');
      expect(status).toBeGreaterThanOrEqual(400);
      expect(JSON.parse(body)).toEqual({
        type: `https://countersign.dev/problems/${code}`,
        title: PROBLEMS[code].title,
        status,
        detail: 'Words.',
        code,
        requestId: 'r',
      });
    }
  });

  test('An error the domain did not make says nothing of itself; its cause is in the log under the request id', async () => {
    const secret = new Error('password=hunter2');
    const response = problemResponse(secret, 'the-id');
    expect(await response.text()).not.toContain('hunter2');
    expect([response.status, response.headers.get('x-request-id')]).toEqual([500, 'the-id']);
    expect(log.error).toHaveBeenCalledWith(
      expect.objectContaining({ requestId: 'the-id', cause: secret }),
      expect.any(String),
    );
  });

  test('A cause is for the log only, and when to come back is whole seconds', () => {
    const { body, headers } = problemBody(
      new DomainError('statement_refused', 'No.', { cause: new Error('which step'), retryAfterSeconds: 0.2 }),
      'r',
    );
    expect(body).not.toContain('which step');
    expect(headers['retry-after']).toBe('1');
  });

  test('A database that is away is a 503 with Retry-After, not our fault', () => {
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(problemBody(lost, 'r')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

describe('bodies', () => {
  test('A pointer names the field, escaped, and an unknown field by its name', () => {
    const schema = z.strictObject({ 'a/b~c': z.array(z.int()) });
    try {
      parseWith(schema, { 'a/b~c': [1, 'x'], more: 1 }, 'No.');
      expect.unreachable();
    } catch (error) {
      expect((error as DomainError).errors.map((fault) => fault.pointer)).toEqual(['/a~1b~0c/1', '/more']);
    }
  });

  test('A content type in other capitals and with a charset is JSON', async () => {
    const request = new Request('http://x', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'Application/JSON; charset=utf-8' },
    });
    expect(await readBody(request, z.strictObject({ a: z.int() }))).toEqual({ a: 1 });
  });

  test('Bytes that are not UTF-8 are refused', async () => {
    const request = new Request('http://x', {
      method: 'POST',
      body: new Uint8Array([0x22, 0xff, 0x22]),
      headers: { 'content-type': 'application/json' },
    });
    await expect(readBody(request, z.string())).rejects.toMatchObject({ code: 'invalid_json' });
  });
});

describe('headers', () => {
  test.each([
    [null, 0],
    ['wait=5', 5],
    ['wait=500', 120],
    ['respond-async, wait=10', 10],
    ['wait="7"; foo', 7],
    ['WAIT = 3', 3],
    ['wait=-1', 0],
    ['wait=1e9', 0],
    ['await=9', 0],
    ['wait=99999999999', 0],
  ])('Prefer: %s waits %d seconds', (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds);
  });

  test.each([
    ['W/"3-0"', true],
    ['"3-0"', true],
    ['"1", W/"3-0"', true],
    ['*', true],
    ['"3"', false],
    ['3-0', false],
    ['', false],
  ])('%j names version 3-0: %s', (header, expected) => {
    expect(namesVersion(header, '3-0')).toBe(expected);
  });

  test('A request id is 32 hex digits, whatever traceparent says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const headers = new Headers();
        try {
          headers.set('traceparent', text);
        } catch {
          return;
        }
        expect(requestIdOf(headers)).toMatch(/^[0-9a-f]{32}$/);
      }),
    );
  });
});

describe('waiting', async () => {
  const { webUrl } = await freshDatabase();
  const listener = listen(webUrl);
  afterAll(() => listener.close());

  test('A change between reading and going to sleep is not missed', async () => {
    let reads = 0;
    const notices = new Set<(notice: { table: string; id: string }) => void>();
    const immediate = {
      ...listener,
      onNotice: (callback: (notice: { table: string; id: string } | null) => void) => {
        notices.add(callback);
        return () => notices.delete(callback);
      },
    };
    const value = await waiter(immediate, 1).wait('agt', {
      seconds: 100,
      signal: new AbortController().signal,
      about: () => ['x'],
      done: (read) => read === 2,
      read: async () => {
        reads += 1;
        if (reads === 1) for (const tell of notices) tell({ table: 'requests', id: 'x' });
        return reads;
      },
    });
    expect([value, notices.size]).toEqual([2, 0]);
  });

  test('Whose read fails waits no longer, and its place is free again', async () => {
    const waits = waiter(listener, 1);
    const never = { seconds: 100, signal: new AbortController().signal, about: () => [], done: () => true };
    await expect(waits.wait('agt', { ...never, read: async () => Promise.reject(new Error('gone')) })).rejects.toThrow(
      'gone',
    );
    expect(await waits.wait('agt', { ...never, read: async () => 1 })).toBe(1);
  });
});
