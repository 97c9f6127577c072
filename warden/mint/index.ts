export { exclusively } from './exclusive';
export { publicKeyOf, readProof, readToken, type TokenClaims } from './jose';
export { openTarget } from './target';
export { tokenParts } from './token-parts';
