import { DomainError, type ErrorCode, type FieldError } from '#lib/core';
import { isRolledBack, isUnreachable } from '#lib/db';
import { log } from './log';

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** Every code's answer. A code without a status does not compile. */
export const PROBLEMS: Readonly<Record<ErrorCode, Kind>> = {
  invalid_json: { status: 400, title: 'The body is not acceptable JSON' },
  invalid_request: { status: 400, title: 'The request is not valid' },
  unsupported_media_type: { status: 415, title: 'Send JSON' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  proof_required: { status: 401, title: 'A proof of possession is required' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  not_allowed: { status: 403, title: 'Not allowed' },
  elevation_required: { status: 403, title: 'A person has to allow this first' },
  conflict: { status: 409, title: 'It conflicts with what is there' },
  already_decided: { status: 409, title: 'It was decided meanwhile' },
  statement_refused: { status: 403, title: 'The statement was refused' },
  draft_stale: { status: 409, title: 'The statement is out of date' },
  idempotency_in_flight: { status: 409, title: 'The same request is being answered' },
  idempotency_mismatch: { status: 422, title: 'The idempotency key was used with another body' },
  precondition_failed: { status: 412, title: 'It has changed since you read it' },
  precondition_required: { status: 428, title: 'Say which version you read' },
  rate_limited: { status: 429, title: 'Too many requests' },
  gone: { status: 410, title: 'It is no longer there' },
  target_unreachable: { status: 502, title: 'The target cannot be reached' },
  target_refused: { status: 502, title: 'The target refused' },
  minting_stopped: { status: 503, title: 'Minting has stopped' },
  unavailable: { status: 503, title: 'Not available right now' },
  internal: { status: 500, title: 'Something went wrong' },
};

/** An identifier, the same on every origin; not a link (RFC 9457 §3.1.1). */
const TYPE_BASE = 'https://countersign.dev/problems/';

/** RFC 9457 problem details. */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

/** An answer in parts, for servers that do not speak Web `Response`. */
export interface ProblemParts {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a caller is told of an error. The cause goes to the log under the request id and nowhere else. */
export function problemBody(error: unknown, requestId: string): ProblemParts {
  const refusal = asRefusal(error);
  record(refusal, error, requestId);
  const { code, message: detail, errors, retryAfterSeconds } = refusal;
  const { status, title } = PROBLEMS[code];
  const problem: Problem = {
    type: TYPE_BASE + code,
    title,
    status,
    detail,
    code,
    requestId,
    ...(errors.length > 0 ? { errors } : {}),
  };
  return { status, headers: headersOf(status, requestId, retryAfterSeconds), body: JSON.stringify(problem) };
}

/** The same as a Web `Response`. */
export function problemResponse(
  error: unknown,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const problem = problemBody(error, requestId);
  return new Response(problem.body, { status: problem.status, headers: { ...headers, ...problem.headers } });
}

/** Anything the domain did not say itself says nothing (P7): it may quote what must not leave. */
function asRefusal(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (isUnreachable(error)) {
    return new DomainError('unavailable', 'The database does not answer. Try again shortly.', { retryAfterSeconds: 5 });
  }
  if (isRolledBack(error)) {
    return new DomainError('unavailable', 'Another change came at the same moment. Try again shortly.', {
      retryAfterSeconds: 1,
    });
  }
  return new DomainError('internal', 'An error on our side. It was logged under the request id.');
}

function record(refusal: DomainError, error: unknown, requestId: string): void {
  const { status } = PROBLEMS[refusal.code];
  const cause = error === refusal ? refusal.cause : error;
  if (status >= 500) log.error({ requestId, code: refusal.code, cause }, refusal.message);
  else if (cause !== undefined) log.info({ requestId, code: refusal.code, cause }, refusal.message);
}

function headersOf(status: number, requestId: string, retryAfterSeconds: number | undefined): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="countersign"' } : {}),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
  };
}
