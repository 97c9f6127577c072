export { athOf, craftedProof, craftedSignature, jsonPart, publicJwkOf } from './proofs';
export { highS, lowS, otherSpellings, twinOf } from './spellings';
