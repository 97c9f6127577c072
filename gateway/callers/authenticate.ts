import type { KeyObject } from 'node:crypto';
import type { HeadFollower } from '#gateway/head';
import { looksLikeToken, refuse, sha256Base64url } from '#lib/core';
import { type AgentFacts, sameAgent } from '#lib/identity';
import type { AgentRecord } from '#lib/records';
import {
  createTokenVerifier,
  isInTime,
  type Nonces,
  type ProofKey,
  type ProofStore,
  proofKeyOf,
  type TokenClaims,
  tokenOf,
  verifyProof,
} from '#lib/tokens';
import type { Directory } from './directory';
import type { Caller, CallersGrant, Calling } from './types';

/** Tokens whose signature is remembered. */
const TOKENS_KEPT = 10_000;

/** How long a token is waited for that its row knows and the newest head does not: the warden signs it just now. */
const SIGNED_MS = 1_500;

const NOBODY = 'No active agent has this token, and no grant. Ask its owner for a new one.';
export const ENDED = 'This grant has ended. Nothing was sent. File a new request.';

const UNSIGNED = 'This agent’s token is known, and what the warden has to say about it is not yet. Try again shortly.';

const STARTING = 'The gateway has just started and does not know yet who may call. Try again in a second.';

interface Parts {
  readonly head: HeadFollower;
  readonly directory: Directory;
  readonly nonces: Nonces;
  readonly store: ProofStore;
  /** The warden's, public. */
  readonly wardenKey: KeyObject;
  /** `iss` of every token. */
  readonly issuer: string;
}

/** An agent as the warden signed it, its key ready to verify with. */
interface KnownAgent extends AgentFacts {
  readonly key: ProofKey | null;
}

/**
 * Who calls, by an ask token or a grant's, and proven by their key where they
 * have one. What lets them in is signed by the warden; a row that says no keeps
 * them out without its signature.
 */
export function authenticator(parts: Parts): (calling: Calling) => Promise<Caller> {
  const { head, directory } = parts;
  const claimsOf = rememberedClaims(parts);
  const hashOf = rememberedHashes();
  const agentOf = rememberedAgents();

  async function byAskToken(token: string, hash: string, calling: Calling): Promise<Caller> {
    const record = (await signedAgent(parts, hash)) ?? refuse('unauthenticated', NOBODY);
    if (!(await directory.allows(record))) return refuse('unauthenticated', NOBODY);
    const agent = agentOf(record);
    return { kind: 'agent', agent: factsOf(agent), proofId: await prove(parts, agent, { ...calling, token }) };
  }

  async function byGrant(token: string, calling: Calling): Promise<Caller> {
    const claims = claimsOf(token) ?? refuse('unauthenticated', NOBODY);
    if (!isFor(claims, calling.url)) return refuse('unauthenticated', NOBODY);
    const state = head.state() ?? refuse('unavailable', STARTING, { retryAfterSeconds: 1 });
    if (!isInTime(claims, head.now()) || state.isEnded(claims.jti)) return refuse('gone', ENDED);
    const row = (await directory.grant(claims.jti)) ?? refuse('gone', ENDED);
    // A row that says another one was moved there by whoever owns the database (P3).
    if (row.targetId !== claims.target_id || row.agentId !== claims.sub) return refuse('gone', ENDED);
    const record = state.agents.get(claims.sub);
    // Another token or key than the one it was approved for is another agent.
    if (record === undefined) return refuse('gone', ENDED);
    const agent = agentOf(record);
    if (!sameAgent(approvedAgent(claims), agent) || !(await directory.allows(record))) return refuse('gone', ENDED);
    const proofId = await prove(parts, agent, { ...calling, token });
    const { targetId, requestId } = row;
    return { kind: 'grant', agent: factsOf(agent), proofId, grant: { targetId, requestId, ...termsOf(claims) } };
  }

  return async (calling) => {
    const token = tokenOf(calling.authorization);
    if (token === null)
      return refuse('unauthenticated', 'Send your ask token, or a grant’s token: Authorization: Bearer …');
    const hash = hashOf(token);
    return hash === null ? byGrant(token, calling) : byAskToken(token, hash, calling);
  };
}

/** Whom the grant was approved for, as its token says: one that names no ask token was approved for nobody here. */
const approvedAgent = ({ sub, ask_token, cnf }: TokenClaims) => ({
  id: sub,
  tokenThumbprint: ask_token ?? '',
  keyThumbprint: cnf?.jkt ?? null,
});

/** The active agent of a token. One that was registered or changed a moment ago is waited for. */
async function signedAgent({ head, directory }: Parts, hash: string): Promise<AgentRecord | null> {
  const find = (): AgentRecord | undefined => head.state()?.agentsByTokenHash.get(hash);
  const known = find();
  if (known !== undefined) return known;
  if (head.state() === null) return refuse('unavailable', STARTING, { retryAfterSeconds: 1 });
  if (!(await directory.hasToken(hash))) return null;
  await head.until(({ agentsByTokenHash }) => agentsByTokenHash.has(hash), SIGNED_MS);
  return find() ?? refuse('unavailable', UNSIGNED, { retryAfterSeconds: 2 });
}

/** The hash by which an ask token is stored; null where the text is not an ask token. */
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
function rememberedClaims({ wardenKey, issuer }: Parts): (token: string) => TokenClaims | null {
  const verify = createTokenVerifier([wardenKey], { issuer });
  const read = new Map<string, TokenClaims>();
  return (token) => {
    const known = read.get(token);
    if (known !== undefined) return known;
    const claims = verify(token);
    if (claims === null) return null;
    keep(read, token, claims);
    return claims;
  };
}

/** A key is parsed once a record: a newer head shares the records that did not change. */
function rememberedAgents(): (record: AgentRecord) => KnownAgent {
  const agents = new WeakMap<AgentRecord, KnownAgent>();
  return (record) => {
    const known = agents.get(record);
    if (known !== undefined) return known;
    const key = proofKeyOf(record.publicJwk);
    const agent = { id: record.id, tokenHash: record.tokenHash, keyThumbprint: key?.thumbprint ?? null, key };
    agents.set(record, agent);
    return agent;
  };
}

/** The grant's own audience: the base address of one target, and what lies below it (T26). */
const isFor = ({ aud }: TokenClaims, url: string): boolean => url === aud || url.startsWith(`${aud}/`);

/** Throws `proof_required` where an agent that has a key did not prove it for just this call. Returns what names the proof. */
async function prove(
  { nonces, store, head }: Parts,
  { key }: KnownAgent,
  { dpop, method, url, token }: Calling & { readonly token: string },
): Promise<string | null> {
  if (key === null) return null;
  let proofId: string | null = null;
  const named: ProofStore = {
    spend(proof, at) {
      // Two keys may draw the same `jti`.
      proofId = sha256Base64url(`${proof.jkt}\n${proof.jti}`);
      return store.spend(proof, at);
    },
  };
  await verifyProof(dpop, { key, method, url, token, now: head.now() }, { nonces, store: named });
  return proofId;
}

const factsOf = ({ id, tokenHash, keyThumbprint }: KnownAgent): AgentFacts => ({ id, tokenHash, keyThumbprint });

/** Never wider than the token: the row may say what it likes (T30). */
function termsOf({
  jti,
  exp,
  authorization_details: [detail],
}: TokenClaims): Omit<CallersGrant, 'targetId' | 'requestId'> {
  return {
    id: jti,
    scope: { resources: detail?.resources ?? [], verbs: detail?.actions ?? [] },
    maxUses: detail?.max_uses ?? null,
    expiresAt: new Date(exp * 1000),
  };
}
