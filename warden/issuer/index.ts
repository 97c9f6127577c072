export { type Collected, collectGrant, type Results } from './collect';
export { runIsOver } from './in-flight';
export { ORDER_SECONDS } from './orders/order';
export { startOrders } from './orders/start';
export { findGrant } from './own-grant';
export { outcomeOf, recordFailure, recordResult, retryEndNow } from './record';
export { collectRest } from './resting';
export { storedResult } from './stored';
export { stopGrant } from './void';
