import { DomainError, refuse } from '#lib/core';
import type { Preview } from '#lib/statement';
import { driftOf } from './drift';

/** Of an answer, for the record; and how long a provider may take. */
const BOUNDS = { maxBytes: 256 * 1024, seconds: 120 };

/** An approved operation, and how its kind of target classifies, looks at and sends it. */
interface Approved<Exact, Answer> {
  readonly preview: Preview;
  readonly targetName: string;
  /** Throws where it is not, word for word, what was approved. */
  classify(): Exact;
  look(exact: Exact): Promise<Preview>;
  /** Throws where the approval ended meanwhile. */
  beforeSend(): Promise<void>;
  /** Asks `beforeSend` when nothing is left to wait for. */
  send(exact: Exact, bounds: typeof BOUNDS, beforeSend: () => Promise<void>): Promise<Answer>;
}

/**
 * Runs the approved operation, once: looked at again, classified again, and sent
 * only where both say what was approved and nobody took it back. What the
 * provider answers is the result, an error of its own too: it was asked.
 */
export async function runApproved<Exact, Answer extends { readonly body: string }>(
  approved: Approved<Exact, Answer>,
): Promise<Answer> {
  const exact = await again(() => approved.classify());
  const drift = driftOf(approved.preview, await again(() => approved.look(exact)));
  if (drift !== null) refuse('conflict', drift);
  return send(approved, exact);
}

/** What could be asked before and cannot be now is drift; and whatever fails here, nothing was sent yet. */
async function again<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, message, errors } = error;
    const details = { cause: error, errors };
    if (code !== 'invalid_request') throw new DomainError(code, `Not run, and nothing was sent: ${message}`, details);
    throw new DomainError(
      'conflict',
      `Not run: the world changed since the approval. ${message} File the request again to have it looked at anew.`,
      details,
    );
  }
}

/** Never tried twice: nobody knows what the first one did. */
async function send<Exact, Answer extends { readonly body: string }>(
  { send: go, beforeSend, targetName }: Approved<Exact, Answer>,
  exact: Exact,
): Promise<Answer> {
  let begun = false;
  let kept: unknown;
  try {
    const answer = await go(exact, BOUNDS, async () => {
      await beforeSend().catch((error: unknown) => {
        kept = error;
        throw error;
      });
      begun = true;
    });
    return { ...answer, body: storable(answer.body) };
  } catch (error) {
    // In the words of whoever kept it in.
    if (!(error instanceof DomainError) || error === kept) throw error;
    const happened =
      !begun || wasNeverSent(error)
        ? 'Nothing was sent.'
        : `The operation was sent and gave no answer, so it is not known whether it ran: look at ${targetName} before you ask again.`;
    throw new DomainError(error.code, `${error.message} ${happened}`, { cause: error });
  }
}

/** No connection came about. Anything later leaves it open. */
const NO_CONNECTION = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Whether what `runApproved` threw says that no byte of the operation went out. */
export const nothingWasSent = ({ cause }: DomainError): boolean => cause instanceof DomainError && wasNeverSent(cause);

const wasNeverSent = ({ cause }: DomainError): boolean =>
  cause instanceof Error && NO_CONNECTION.includes(cause.message);

/** The record is text in a database, which has no NUL: what ran must not be lost for one. */
const storable = (body: string): string => body.replaceAll('\0', '\uFFFD').toWellFormed();
