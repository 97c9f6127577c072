import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, listen } from '#lib/db';
import { createLog } from '#lib/http/wire';
import { closed, failToStart, listening, notifyStarter, onStopSignal } from '#lib/process';
import { createApiServer, readDocument } from '#warden/api';
import { createAuthorityCache } from '#warden/authority';
import { startFollowing } from '#warden/changes';
import { startEnding, startUses } from '#warden/ending';
import { createGateways, startPublisher } from '#warden/head';
import { startOrders } from '#warden/issuer';
import { createMakers } from '#warden/makers';
import { startLooks, startPreviews } from '#warden/preview';
import { recordedAlarms, startPulse } from '#warden/pulse';
import { startResults } from '#warden/results';
import { createSignServer } from '#warden/sign';
import { createTargets } from '#warden/targets';
import { tokenParts } from '#warden/tokens';
import { openSignVault, openVault } from '#warden/vault';
import { type WardenEnv, wardenEnv } from '../lib/env';
import type { Warden } from './context';

/*
 * The warden. It holds the signing key and the secrets of databases, and believes
 * nothing but signatures. It shows what is to be signed, finds out what a request
 * would do, mints what was signed, orders the gateway to run what was approved
 * word for word, ends everything, and tells the gateway what counts.
 */
async function main(): Promise<void> {
  const env = wardenEnv();
  const document = readDocument(fileURLToPath(new URL('agent-openapi.json', import.meta.url)), env.agentOrigin);
  const { warden, recorded } = open(env);
  const { makerRootsDir: rootsDir, fidoMetadataFile: metadataFile } = env;
  const seenFile = join(env.wardenDir, 'fido-metadata-seen.json');
  const makers = createMakers({ rootsDir, metadataFile, seenFile, alarms: warden.alarms });
  const signWarden = { ...warden, makers, signVault: openSignVault(env.wardenDir) };
  const loops = [
    startPublisher(warden),
    startPulse(signWarden, recorded),
    startFollowing(warden),
    startEnding(warden),
    startUses(warden),
    startPreviews(warden),
    startLooks(warden),
    startOrders(warden),
  ];
  const results = startResults(warden);
  const sign = createSignServer(signWarden);
  const agents = createApiServer({ ...warden, results, document });
  await Promise.all([listening(sign, env.signPort, env.listenHost), listening(agents, env.agentPort, env.listenHost)]);
  notifyStarter({ event: 'ready' });
  onStopSignal(async () => {
    await Promise.all([closed(sign), closed(agents)]);
    await Promise.all([...loops, results].map((each) => each.stop()));
    await warden.listener.close();
    await warden.targets.close();
    await warden.db.$disconnect();
  });
}

function open(env: WardenEnv): { warden: Warden; recorded: ReturnType<typeof recordedAlarms> } {
  const vault = openVault(env.wardenDir);
  const db = connect(env.databaseUrl);
  const signing = { origin: env.signOrigin, rpId: env.rpId };
  const recorded = recordedAlarms(() => new Date());
  const { alarms } = recorded;
  const { signingKey } = vault;
  const warden: Warden = {
    db,
    listener: listen(env.databaseUrl),
    vault,
    authority: createAuthorityCache(vault, signing),
    alarms,
    gateways: createGateways({ file: join(env.publicDir, 'gateway.pem'), alarms }),
    targets: createTargets(tokenParts({ db, signingKey, issuer: env.agentOrigin, gatewayOrigin: env.gatewayOrigin })),
    signing,
    origins: { web: env.webOrigin, sign: env.signOrigin, agent: env.agentOrigin, gateway: env.gatewayOrigin },
    sampleFile: env.sampleFile,
    log: createLog('warden'),
  };
  return { warden, recorded };
}

main().catch(failToStart('SIGN_PORT or AGENT_PORT'));
