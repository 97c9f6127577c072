export { createAgentServer } from './server';
