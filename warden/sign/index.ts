export { createSignServer } from './server/server';
export { sealSecrets, secretsOf, useDraft } from './signing/draft';
