export { createGateways, type Gateways } from './gateways';
export { startPublisher } from './publisher';
export { relayAlarms } from './relay-alarms';
