export { agentRoutes } from './agent-route';
export { readBody } from './body';
export { listOwnGrants, readOwnGrant, returnOwnGrant } from './v1/grants';
export { PageQuery } from './v1/pages';
export { cancelOwnRequest, fileOwnRequest, listOwnRequests, readOwnRequest } from './v1/requests';
export { AgentResource, GrantResource, ProblemResource, RequestResource, TargetResource } from './v1/resources';
export { listTargets, readSelf } from './v1/targets';
