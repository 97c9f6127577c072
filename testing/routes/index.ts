export { call, filed, filing, ROUTES, type Stage, stage, type TestAgent } from './agent-routes';
export { denyAs, previewed } from './moves';
