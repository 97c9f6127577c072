export { carryAlarms } from './carry-alarms';
export { createGateways, type Gateways } from './gateways';
export { startPublisher } from './publisher';
