export { buildProcess, type StartedProcess, startProcess } from './process';
