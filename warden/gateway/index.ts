export { createGatewayServer } from './server';
