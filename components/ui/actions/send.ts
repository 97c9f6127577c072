/** RFC 9457, as the console's routes answer it. */
export interface Problem {
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

export type Sent = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly problem: Problem };

export type Method = 'POST' | 'PATCH' | 'DELETE';

const problem = (detail: string): Sent => ({ ok: false, problem: { detail, errors: [] } });

/** One JSON call to the console's own routes. Whatever goes wrong comes back in words; it never throws. */
export async function sendJson(method: Method, path: string, body: object = {}): Promise<Sent> {
  try {
    const response = await fetch(path, {
      method,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json().catch(() => null);
    return response.ok ? { ok: true, body: answer } : refused(response.status, answer);
  } catch {
    return problem(
      'Countersign did not answer. Nothing was changed that this page knows of: check the connection and look again.',
    );
  }
}

function refused(status: number, answer: unknown): Sent {
  const { detail, title, errors } = record(answer);
  if (typeof detail === 'string' || typeof title === 'string') {
    return { ok: false, problem: { detail: String(detail ?? title), errors: fieldErrors(errors) } };
  }
  if (status === 401) return problem('You are signed out. Sign in again.');
  return problem(`Countersign refused this (HTTP ${status}).`);
}

function fieldErrors(value: unknown): Problem['errors'] {
  if (!Array.isArray(value)) return [];
  return value
    .map(record)
    .map(({ pointer, detail }) => ({ pointer: String(pointer ?? ''), detail: String(detail ?? '') }));
}

function record(value: unknown): {
  readonly [key: string]: unknown;
  readonly detail?: unknown;
  readonly title?: unknown;
  readonly errors?: unknown;
  readonly pointer?: unknown;
} {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A string member of an answer, or null. */
export function textOf(body: unknown, member: string): string | null {
  const value = record(body)[member];
  return typeof value === 'string' ? value : null;
}
