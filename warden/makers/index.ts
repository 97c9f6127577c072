export { createMakers, type KeyMakers, type MakersStatus } from './makers';
