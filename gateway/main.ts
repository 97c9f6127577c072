import { createLog } from '#lib/http/wire';
import { closed, failToStart, listening, notifyStarter, onStopSignal } from '#lib/process';
import { keyThumbprint } from '#lib/records';
import { gatewayEnv } from '../lib/env';
import { openGateway } from './open';

/*
 * The gateway. It holds the providers' secrets and believes nothing but what the
 * warden signed. It classifies agents' calls and passes them on, looks things up for
 * previews, and runs what the warden orders, once.
 */
async function main(): Promise<void> {
  const env = gatewayEnv();
  const { databaseUrl, webOrigin: web, agentOrigin: agent, gatewayOrigin, forwardAuthProxies } = env;
  const { gatewayDir, instanceDir, publicDir } = env;
  const log = createLog('gateway');
  const { gateway, server, letGo, stop } = openGateway({
    ...{ databaseUrl, forwardAuthProxies },
    origins: { web, agent, gateway: gatewayOrigin },
    folders: { gatewayDir, instanceDir, publicDir },
    log,
  });
  await listening(server, env.gatewayPort, env.listenHost);
  notifyStarter({ event: 'ready' });
  // What an owner compares before they sign for another key.
  const { gatewayKey, instance } = gateway.vault;
  log.info({ gatewayKey: keyThumbprint(gatewayKey), copy: instance.id }, 'this copy works with this gateway key');
  onStopSignal(async () => {
    await letGo();
    await closed(server);
    await stop();
  });
}

main().catch(failToStart('GATEWAY_PORT'));
