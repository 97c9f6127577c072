export { type Proof, publicKeyFrom, readProofOf, tokenReader } from './by-hand';
export { exclusively } from './exclusive';
export { publicKeyOf, readProof, readToken, type TokenClaims } from './jose';
export { openSecret, openTarget, openUpstream } from './target';
export { tokenParts } from './token-parts';
export { isOver, underWay } from './under-way';
