export { type CopyParts, openCopy, type TestCopy } from './copy';
export { type GatewayKeys, makeGatewayKeys } from './keys';
