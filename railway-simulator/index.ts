export { SDL } from './schema';
export { type RailwaySimulator, startRailwaySimulator } from './server';
