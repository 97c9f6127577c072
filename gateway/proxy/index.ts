export { createForward, type Forward } from './forward';
export { createGatewayServer } from './server';
