import { DomainError, looksLikeToken, refuse, sha256Base64url } from '#lib/core';
import type { AgentFacts } from '#lib/identity';
import { type Proof, readProofOf, type TokenClaims, tokenReader } from '#warden/tokens';
import type { Book, BookedAgent } from './directory';
import type { Beat } from './heartbeat';
import type { Nonces } from './nonces';
import type { Caller, Calling, StandingGrant, StandingParts } from './types';

const NO_NONCE = 'use_dpop_nonce';

const noProof = (cause: string): never =>
  refuse(
    'proof_required',
    'This agent has a key: send a fresh DPoP proof made with it, and with the nonce of this answer (RFC 9449 §8).',
    { cause: new Error(cause) },
  );

/** Whether a refusal asks for a proof with a nonce of ours. */
export const wantsNonce = (error: unknown): boolean =>
  error instanceof DomainError &&
  error.code === 'proof_required' &&
  error.cause instanceof Error &&
  error.cause.message === NO_NONCE;

/** How far a proof's `iat` may lie from the database's clock, both ways. */
const PROOF_SECONDS = 300;

/** Tokens whose signature is remembered. */
const TOKENS_KEPT = 10_000;

const NOBODY = 'No active agent has this token, and no grant. Ask its owner for a new one.';
export const ENDED = 'This grant has ended. Nothing was sent. File a new request.';

interface Knowing extends Pick<StandingParts, 'signingKey' | 'gatewayOrigin'> {
  readonly book: Book;
  readonly beat: Beat;
  readonly nonces: Nonces;
}

/** Who calls, by an ask token or a grant's, and proven by their key where they have one. */
export function knower(parts: Knowing): (calling: Calling) => Promise<Caller> {
  const { book, beat } = parts;
  const claimsOf = rememberedClaims(parts);
  const hashOf = rememberedHashes();

  async function byAskToken(token: string, hash: string, calling: Calling): Promise<Caller> {
    const agent = (await book.agent(hash)) ?? refuse('unauthenticated', NOBODY);
    prove(parts, agent, { ...calling, token });
    return { kind: 'agent', agent: standingOf(agent) };
  }

  async function byGrant(token: string, calling: Calling): Promise<Caller> {
    const claims = (await claimsOf(token)) ?? refuse('unauthenticated', NOBODY);
    if (!isFor(claims, calling.url)) return refuse('unauthenticated', NOBODY);
    const now = beat.now().getTime() / 1000;
    if (now >= claims.exp || now + 60 < claims.nbf) return refuse('gone', ENDED);
    const { agent, targetId, requestId } = (await book.grant(claims.jti)) ?? refuse('gone', ENDED);
    // A row that says another one was moved there by whoever owns the database (P3).
    if (targetId !== claims.target_id) return refuse('gone', ENDED);
    // Another token or key than the one it was approved for is another agent.
    if (agent.id !== claims.sub || agent.tokenHash !== claims.ask_token) return refuse('gone', ENDED);
    if (agent.keyThumbprint !== (claims.cnf?.jkt ?? null)) return refuse('gone', ENDED);
    prove(parts, agent, { ...calling, token });
    return { kind: 'grant', agent: standingOf(agent), grant: { targetId, requestId, ...termsOf(claims) } };
  }

  return async (calling) => {
    const token = /^(?:Bearer|DPoP) +(\S+)$/i.exec(calling.authorization ?? '')?.[1];
    if (token === undefined)
      return refuse('unauthenticated', 'Send your ask token, or a grant’s token: Authorization: Bearer …');
    const hash = hashOf(token);
    return hash === null ? byGrant(token, calling) : byAskToken(token, hash, calling);
  };
}

/** The hash by which an ask token is known; null for what is none. */
function rememberedHashes(): (token: string) => string | null {
  const hashes = new Map<string, string>();
  return (token) => {
    const known = hashes.get(token);
    if (known !== undefined) return known;
    if (!looksLikeToken('ask', token)) return null;
    const hash = sha256Base64url(token);
    keep(hashes, token, hash);
    return hash;
  };
}

/** Bounded: the oldest goes. */
function keep<T>(shelf: Map<string, T>, key: string, value: T): void {
  const [oldest] = shelf.keys();
  if (shelf.size >= TOKENS_KEPT && oldest !== undefined) shelf.delete(oldest);
  shelf.set(key, value);
}

/** A signature is checked once a text; whether its grant lives is asked each time (T25). */
function rememberedClaims({ signingKey, gatewayOrigin }: Knowing): (token: string) => Promise<TokenClaims | null> {
  const reading = tokenReader(signingKey, gatewayOrigin);
  const read = new Map<string, TokenClaims>();
  return async (token) => {
    const known = read.get(token);
    if (known !== undefined) return known;
    const claims = token.length > 8_192 ? null : (await reading)(token);
    if (claims === null) return null;
    keep(read, token, claims);
    return claims;
  };
}

/** The grant's own audience: the base address of one target, and what lies below it (T26). */
const isFor = ({ aud }: TokenClaims, url: string): boolean => url === aud || url.startsWith(`${aud}/`);

/** Throws `proof_required` where an agent that has a key did not prove it for just this call. */
function prove(knowing: Knowing, agent: BookedAgent, calling: Calling & { readonly token: string }): void {
  const { key, keyThumbprint } = agent;
  if (key === null || keyThumbprint === null) return;
  const { dpop } = calling;
  const proof = dpop === undefined ? null : readProofOf(key, keyThumbprint, dpop);
  const nothing = dpop === undefined ? NO_NONCE : 'no valid proof';
  const fault = proof === null ? nothing : faultOf(knowing, proof, calling);
  if (fault !== null) noProof(fault);
  if (!knowing.nonces.spend(keyThumbprint, String(proof?.['jti']))) noProof('used before');
}

/** RFC 9449 §4.3, steps 8 to 12. Nothing is normalised: another spelling of the address is another address (T28). */
function faultOf(
  { nonces, beat }: Knowing,
  { htm, htu, iat, jti, ath, nonce }: Proof,
  { method, url, token }: Calling & { readonly token: string },
): string | null {
  if (!nonces.holds(nonce)) return NO_NONCE;
  if (htm !== method || htu !== url) return 'made for another call';
  if (ath !== sha256Base64url(token)) return 'made for another token, or for none';
  if (typeof iat !== 'number' || Math.abs(iat * 1000 - beat.now().getTime()) > PROOF_SECONDS * 1000)
    return 'made too long ago, or in the future';
  return typeof jti !== 'string' || jti === '' || jti.length > 128 ? 'without a usable jti' : null;
}

const standingOf = ({ id, tokenHash, keyThumbprint }: BookedAgent): AgentFacts => ({ id, tokenHash, keyThumbprint });

/** Never wider than the token: the row may say what it likes (T30). */
function termsOf({
  jti,
  exp,
  authorization_details: [detail],
}: TokenClaims): Omit<StandingGrant, 'targetId' | 'requestId'> {
  return {
    id: jti,
    scope: { resources: detail?.resources ?? [], verbs: detail?.actions ?? [] },
    maxUses: detail?.max_uses ?? null,
    expiresAt: new Date(exp * 1000),
  };
}
