/** Reads what agents carry: access tokens that the warden signed, and proofs by the agents' own keys. Signs nothing. */
export { createTokenVerifier, isInTime, type TokenClaims } from './access-token';
export { tokenOf } from './authorization';
export { protectedHeader } from './header';
export { jwkThumbprint, type ProofKey, proofKeyOf, tokenKeyOf } from './jwk';
export { createNonces, type Nonces } from './nonces';
export { type ProofStore, type SpentProof, verifyProof } from './proof';
export { es256Holds, withLowS } from './signature';
