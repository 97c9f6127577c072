import { z } from 'zod';
import { type Json, type ProofChallenge, refuse, sha256Base64url } from '#lib/core';
import { objectIn, readCompact } from './compact';
import { type ProofKey, thumbprintOf } from './jwk';
import type { Nonces } from './nonces';
import { ed25519Holds, es256Holds } from './signature';

/** How far a proof's `iat` may lie from the database's clock, both ways. Its nonce says how fresh it is. */
const WINDOW_SECONDS = 300;

/** A proof that was used, as it is remembered. */
export interface SpentProof {
  /** RFC 7638 of the key that made it: two keys may draw the same `jti`. */
  readonly jkt: string;
  readonly jti: string;
  /** Its nonce's end: the first instant at which it would pass no more, so that forgetting it lets nothing in (T27). */
  readonly until: Date;
}

/** Where proofs are used up. The one thing in which the doors differ. */
export interface ProofStore {
  /** False where the proof was used before, or where no more can be remembered. */
  spend(proof: SpentProof, now: Date): boolean | Promise<boolean>;
}

/** The call that a proof has to be made for. */
export interface ProvenCall {
  /** The key the agent is known by. */
  readonly key: ProofKey;
  readonly method: string;
  /** Without query and fragment (RFC 9449 §4.2). */
  readonly url: string;
  readonly token: string;
  /** The database's. */
  readonly now: Date;
}

/**
 * Verifies a DPoP proof (RFC 9449 §4.3) and uses it up, or throws
 * `proof_required` with the nonce for the next one. Nothing is normalised: a
 * proof for another spelling of the address is one for another address (T28).
 */
export async function verifyProof(
  proof: string | undefined,
  call: ProvenCall,
  { nonces, store }: { readonly nonces: Nonces; readonly store: ProofStore },
): Promise<void> {
  const refuseProof = (cause: string, error: ProofChallenge['error'] = 'invalid_dpop_proof'): never =>
    refuse('proof_required', WANTED, {
      cause: new Error(cause),
      challenge: { error, nonce: nonces.current(call.now) },
    });
  if (proof === undefined) return refuseProof('no proof', 'use_dpop_nonce');
  const payload = readProof(proof, call.key) ?? refuseProof('no valid proof');
  const until = nonces.endOf(payload['nonce'], call.now) ?? refuseProof('no nonce of ours', 'use_dpop_nonce');
  const claims = ProofClaims.safeParse(payload).data ?? refuseProof('without a claim it needs');
  const fault = faultOf(claims, call);
  if (fault !== null) refuseProof(fault);
  if (!(await store.spend({ jkt: call.key.thumbprint, jti: claims.jti, until }, call.now))) refuseProof('used before');
}

const WANTED =
  'This agent has a key: send a fresh DPoP proof made with it, and with the nonce of this answer (RFC 9449 §8).';

/** The claims every proof has. A `jti` is kept, so it is not endless. */
const ProofClaims = z.object({
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  jti: z.string().min(1).max(128),
  ath: z.string(),
});

/** §4.3, steps 8, 9, 11 and 12. */
function faultOf(claims: z.infer<typeof ProofClaims>, { method, url, token, now }: ProvenCall): string | null {
  const { htm, htu, iat, ath } = claims;
  if (htm !== method || htu !== url) return 'made for another call';
  if (ath !== sha256Base64url(token)) return 'made for another token';
  return Math.abs(iat * 1000 - now.getTime()) > WINDOW_SECONDS * 1000 ? 'made too long ago, or in the future' : null;
}

/**
 * The payload of a proof by this key, or null (§4.3, steps 2 to 7). The header
 * has to show the key that the agent is known by; the one in it is not used.
 * Either value of s is taken, since agents' libraries make both: a proof and
 * its twin have one `jti`, so that only one of them ever passes.
 */
function readProof(proof: string, { key, thumbprint }: ProofKey): { readonly [claim: string]: Json } | null {
  const parts = readCompact(proof);
  const header = parts === null ? null : objectIn(parts.header);
  if (parts === null || header === null) return null;
  const { typ, alg, jwk, crit } = header;
  if (typ !== 'dpop+jwt' || crit !== undefined || !isPublic(jwk) || thumbprintOf(jwk) !== thumbprint) return null;
  const holds = VERIFIERS.get(`${key.asymmetricKeyType} ${alg}`);
  return holds?.(key, parts.signed, parts.signature) === true ? objectIn(parts.payload) : null;
}

/** By the type of the known key and what the header says: it chooses no algorithm for another key (T24). */
const VERIFIERS: ReadonlyMap<string, typeof es256Holds> = new Map([
  ['ec ES256', es256Holds],
  ['ed25519 EdDSA', ed25519Holds],
  ['ed25519 Ed25519', ed25519Holds],
]);

const isPublic = (jwk: Json | undefined): boolean => typeof jwk === 'object' && jwk !== null && !('d' in jwk);
