import { type Collected, collectGrant, collectRest } from '#warden/issuer';
import { authenticateCollector } from './agent';
import { type AgentApi, type Call, refuseBody } from './request';

/** What was approved, for the agent that proves it is the one it was approved for. */
export async function collect(api: AgentApi, call: Call, grantId: string): Promise<Collected> {
  refuseBody(call);
  return collectGrant(api, api.results, await authenticateCollector(api, call), grantId);
}

/** A credential that only reads, where an owner's key let this agent read at rest. */
export async function rest(api: AgentApi, call: Call, targetName: string): Promise<Collected> {
  refuseBody(call);
  return collectRest(api, await authenticateCollector(api, call), targetName);
}
