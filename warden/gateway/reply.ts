import type { ServerResponse } from 'node:http';
import { problemBody } from '#lib/http';

/** On every answer: to a browser this origin is nothing (DESIGN, "The gateway is a third origin"). */
const BARE = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** RFC 9449 §7.1. */
const PROOF_WANTED = 'DPoP realm="countersign", error="invalid_dpop_proof", algs="ES256 EdDSA"';

export function answer(response: ServerResponse, requestId: string, body: unknown): void {
  response.writeHead(200, { ...BARE, 'content-type': 'application/json', 'x-request-id': requestId });
  response.end(JSON.stringify(body ?? {}));
}

/** A problem (RFC 9457). What is left of a body that was too large is not waited for. */
export function refusal(response: ServerResponse, requestId: string, error: unknown): void {
  const { status, headers, body } = problemBody(error, requestId);
  const proof = JSON.parse(body).code === 'proof_required' ? { 'www-authenticate': PROOF_WANTED } : {};
  response.writeHead(status, { ...BARE, ...headers, ...proof, ...(status === 413 ? { connection: 'close' } : {}) });
  response.end(body);
}
