export { openApiDocument } from './document';
export { GATEWAY_ANSWERS } from './gateway-schemas';
