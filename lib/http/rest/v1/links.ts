import type { AgentApi } from '../agent-route';

/** Every address an agent is told. Made of the configured origins and never of what a request says its host is (T19). */
export const links = ({ env: { webOrigin, agentOrigin, gatewayOrigin } }: Pick<AgentApi, 'env'>) => ({
  requests: `${webOrigin}/api/v1/requests`,
  grants: `${webOrigin}/api/v1/grants`,
  request: (id: string) => `${webOrigin}/api/v1/requests/${id}`,
  cancel: (id: string) => `${webOrigin}/api/v1/requests/${id}/cancel`,
  grant: (id: string) => `${webOrigin}/api/v1/grants/${id}`,
  returnGrant: (id: string) => `${webOrigin}/api/v1/grants/${id}/return`,
  console: (id: string) => `${webOrigin}/requests/${id}`,
  collect: (id: string) => `${agentOrigin}/v1/grants/${id}/credential`,
  gateway: (targetName: string) => `${gatewayOrigin}/t/${targetName}`,
  rest: (targetName: string) => `${agentOrigin}/v1/targets/${targetName}/rest`,
});
