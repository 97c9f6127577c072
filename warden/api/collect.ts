import { type Collected, collectGrant, collectRest } from '#warden/issuer';
import type { Warden } from '../context';
import { proveAgent } from './agent';
import { type Call, refuseBody } from './request';

/** What was approved, for the agent that proves it is the one it was approved for. */
export async function collect(warden: Warden, call: Call, grantId: string): Promise<Collected> {
  refuseBody(call);
  return collectGrant(warden, await proveAgent(warden, call), grantId);
}

/** A credential that only reads, where an owner's key let this agent read at rest. */
export async function rest(warden: Warden, call: Call, targetName: string): Promise<Collected> {
  refuseBody(call);
  return collectRest(warden, await proveAgent(warden, call), targetName);
}
