export { type OpenedTarget, openTarget, providerOf } from './open';
export type { Finding, Inspection, Provider } from './provider';
export { keepSchema, signedSchema } from './schemas';
