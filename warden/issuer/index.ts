export { type Collected, collectGrant } from './collect';
export { runIsOver } from './in-flight';
export { ORDER_SECONDS } from './orders/order';
export { startOrders } from './orders/start';
export { findGrant } from './own-grant';
export { collectRest } from './resting';
export { type Results, startResults } from './results/start';
export { stopGrant } from './void';
