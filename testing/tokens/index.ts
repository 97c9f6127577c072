export { athOf, jsonPart, proofByHand, publicJwkOf, signedByHand } from './proofs';
export { highS, lowS, otherSpellings, twinOf } from './spellings';
