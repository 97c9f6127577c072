export { tokenParts } from './claims';
export { spendProof } from './dpop';
export { publicKeyOf, readToken, type TokenClaims } from './sign';
export { type Proof, publicKeyFrom, readProofOf, tokenReader } from './verify';
