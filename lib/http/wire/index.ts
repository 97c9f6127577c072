export { type AgentServerOptions, createAgentServer } from './agent-server';
export { headersOf, oversized, readBytes, textOf } from './incoming';
export { keepConnections } from './keep-alive';
export { BODY_TIMES, type BodyTimes, createPatience, hasBody, type Patience } from './limits';
export { createLog, log } from './log';
export { PROBLEMS, type ProblemParts, problemBody, problemResponse } from './problem';
export { answer, BARE, BARE_LIST } from './reply';
export { requestIdOf } from './request-id';
export { type Waiter, waiter } from './wait';
