import { DomainError, refuse } from '#lib/core';
import { driftOf } from '#warden/resolve';
import type { ExecuteLimits, UpstreamResult } from '../driver';
import type { Door } from './door';
import { type Exact, judged } from './judged';
import { previewOf } from './preview';

const MOST_BYTES = 256 * 1024;
const LASTS_SECONDS = 120;

/**
 * Makes the approved call, once: looked at again, judged again, and sent
 * only where both say what was approved. What the provider answers is the
 * result, an error of its own too: it was asked.
 */
export async function execute(door: Door, limits: ExecuteLimits): Promise<UpstreamResult> {
  const exact = await again(() => judged(door, limits.ask));
  const drift = driftOf(limits.preview, await again(() => previewOf(door, exact)));
  if (drift !== null) refuse('conflict', drift);
  return send(door, exact);
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
async function send({ upstream, config }: Door, { operation }: Exact): Promise<UpstreamResult> {
  try {
    const { body, ...answer } = await upstream.call({ operation }, { maxBytes: MOST_BYTES, seconds: LASTS_SECONDS });
    return { ...answer, body: storable(body) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const happened = wasNeverSent(error)
      ? 'Nothing was sent.'
      : `The call was sent and gave no answer, so it is not known whether it ran: look at ${config.name} before you ask again.`;
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

const wasNeverSent = ({ cause }: DomainError): boolean =>
  cause instanceof Error && NO_CONNECTION.includes(cause.message);

/** The record is text in a database, which has no NUL: what ran must not be lost for one. */
const storable = (body: string): string => body.replaceAll('\0', '\uFFFD').toWellFormed();
