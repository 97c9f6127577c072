export { base64url, fromBase64url } from './base64url';
export { type CanonicalJson, canonicalText, digestOf, type Json } from './canonical';
export { sha256, sha256Base64url } from './digest';
export {
  DomainError,
  ERROR_CODES,
  type ErrorCode,
  type FieldError,
  inFull,
  isFinal,
  isOfAsk,
  type ProofChallenge,
  refuse,
} from './errors';
export { newId, randomToken } from './ids';
export { parseStrictJson } from './strict-json';
export { addSeconds, iso, secondsBetween } from './time';
export { checksummedToken, looksLikeToken } from './token';
