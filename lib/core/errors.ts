/**
 * Every reason for which the domain refuses. The list is closed: `lib/http` maps
 * each code to a status, and a code without one does not compile.
 */
export const ERROR_CODES = [
  'invalid_json',
  'invalid_request',
  'unsupported_media_type',
  'body_too_large',
  'unauthenticated',
  'proof_required',
  'forbidden',
  'not_found',
  'not_allowed',
  'elevation_required',
  'conflict',
  'already_decided',
  'statement_refused',
  'draft_stale',
  'idempotency_in_flight',
  'idempotency_mismatch',
  'precondition_failed',
  'precondition_required',
  'rate_limited',
  'gone',
  'target_unreachable',
  'target_refused',
  'minting_stopped',
  'unavailable',
  'internal',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface FieldError {
  /** JSON pointer into the body (RFC 6901). */
  readonly pointer: string;
  readonly detail: string;
}

/** What a caller that has to prove its key is told (RFC 9449 §7.1, §8). */
export interface ProofChallenge {
  readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** For the next proof. */
  readonly nonce: string;
}

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** With `proof_required`. */
  readonly challenge?: ProofChallenge;
}

/** The one error class. The caller reads `message`; `cause` goes to our log alone. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  readonly challenge: ProofChallenge | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'DomainError';
    this.code = code;
    this.errors = details.errors ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.challenge = details.challenge;
  }
}

/** The target or the rules have spoken: asking again would not help. */
export const isFinal = ({ code }: DomainError): boolean =>
  isOfAsk({ code }) || ['target_refused', 'conflict'].includes(code);

/** It follows from the ask and from what was signed: what the target holds decides nothing of it (P1). */
export const isOfAsk = ({ code }: Pick<DomainError, 'code'>): boolean =>
  ['invalid_request', 'not_allowed'].includes(code);

/** Its words, with what is wrong where. */
export const inFull = ({ message, errors }: DomainError): string =>
  [message, ...errors.map(({ pointer, detail }) => `${pointer}: ${detail}`)].join(' ').slice(0, 1_000);

/** Throws a DomainError, as an expression: `const row = found ?? refuse('not_found', '…')`. */
export function refuse(code: ErrorCode, message: string, details?: ErrorDetails): never {
  throw new DomainError(code, message, details);
}
