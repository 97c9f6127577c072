export { type Orders, startOrders } from './orders';
