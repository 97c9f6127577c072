import type { Server } from 'node:http';
import type { Standing } from '#gateway/callers';
import { createForward } from '#gateway/proxy';
import { BODY_TIMES, type BodyTimes, createPatience } from '#lib/http/wire';
import { createAgentServer } from '#warden/api';
import { collectGrant } from '#warden/issuer';
import type { Warden } from './context';

interface GatewayOptions {
  readonly forwardAuthProxies?: readonly string[];
  readonly bodyTimes?: BodyTimes;
}

export interface Gateway {
  readonly server: Server;
  /** Answers every held call 503. To be called before the server is closed. */
  stop(): Promise<void>;
}

/** The agents' server with the calls that are passed on to providers. */
export function createGateway(
  warden: Warden,
  standing: Standing,
  { forwardAuthProxies = [], bodyTimes = BODY_TIMES }: GatewayOptions = {},
): Gateway {
  const patience = createPatience(bodyTimes);
  const forward = createForward(warden, standing, { proxies: forwardAuthProxies, patience, collect: collectGrant });
  return { server: createAgentServer({ warden, standing, forward, patience }), stop: () => forward.stop() };
}
