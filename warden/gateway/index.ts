export { cancelHeld } from './hold';
export { createGateway, type Gateway } from './server';
