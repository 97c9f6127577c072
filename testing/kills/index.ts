export { type Killed, type KilledWarden, openKilledWarden } from './kills';
