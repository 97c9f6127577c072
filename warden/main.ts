import type { Server } from 'node:http';
import { createStanding } from '#gateway/callers';
import { graphqlTarget } from '#gateway/providers/graphql';
import { httpTarget } from '#gateway/providers/http';
import { cancelHeld } from '#gateway/proxy';
import { createUpstreams } from '#gateway/upstream';
import { connect, connectHot, listen } from '#lib/db';
import { createLog } from '#lib/http/wire';
import { createAuthorityKeeper } from '#warden/authority';
import { startEnding } from '#warden/ending';
import { startPreviews } from '#warden/preview';
import { type Loop, loop, recordedAlarms, startPulse } from '#warden/pulse';
import { createSignServer } from '#warden/sign';
import { createTargets } from '#warden/targets';
import { tokenParts } from '#warden/tokens';
import { openVault } from '#warden/vault';
import { type WardenEnv, wardenEnv } from '../lib/env';
import type { Warden } from './context';
import { createGateway } from './gateway';

/*
 * The keeper. It holds the secrets and the signing key and believes nothing but
 * signatures. It shows what is to be signed, finds out what a request would do,
 * mints what was signed, judges and forwards calls to providers, ends
 * everything, and says how it is.
 */
async function main(): Promise<void> {
  const env = wardenEnv();
  const { warden, recorded } = open(env);
  const pulse = startPulse(warden, recorded);
  const ending = startEnding(warden);
  const previews = startPreviews(warden);
  const sign = createSignServer(warden);
  const hot = connectHot(env.databaseUrl);
  const standing = createStanding({
    ...warden,
    hot,
    tokenKey: warden.vault.publicKey,
    gatewayOrigin: env.gatewayOrigin,
  });
  const gateway = createGateway(warden, standing, env);
  const held = onceTheDatabaseAnswers(warden, () => cancelHeld(warden, performance.now()));
  await Promise.all([
    listening(sign, env.signPort, env.listenHost),
    listening(gateway.server, env.gatewayPort, env.listenHost),
  ]);
  tellStarter({ event: 'ready' });
  onceAskedToStop(async () => {
    await gateway.stop();
    await Promise.all([closed(sign), closed(gateway.server), previews.stop(), held.stop()]);
    await standing.stop();
    await hot.close();
    await ending.stop();
    await pulse.stop();
    await warden.listener.close();
    await warden.targets.close();
    await warden.upstreams.close();
    await warden.db.$disconnect();
  });
}

function open(env: WardenEnv): { warden: Warden; recorded: ReturnType<typeof recordedAlarms> } {
  const vault = openVault(env.wardenDir);
  const db = connect(env.databaseUrl);
  const signing = { origin: env.signOrigin, rpId: env.rpId };
  const recorded = recordedAlarms(() => new Date());
  const upstreams = createUpstreams({
    gatewayOrigin: env.gatewayOrigin,
    onLeak: (origin) => recorded.alarms.raise('secret_leaked', leaked(origin)),
  });
  const warden: Warden = {
    db,
    listener: listen(env.databaseUrl),
    vault,
    authority: createAuthorityKeeper(vault, signing),
    alarms: recorded.alarms,
    upstreams,
    targets: createTargets({
      upstreams,
      providers: { graphql: graphqlTarget, http: httpTarget },
      token: tokenParts({ db, signingKey: vault.signingKey, issuer: env.gatewayOrigin }),
    }),
    signing,
    origins: { web: env.webOrigin, sign: env.signOrigin, gateway: env.gatewayOrigin },
    sampleFile: env.sampleFile,
    log: createLog('warden'),
  };
  return { warden, recorded };
}

const leaked = (origin: string): string =>
  `${origin} sent its own secret back in an answer. It was taken out before the agent saw it: replace that secret, and ask the provider why.`;

/** Tried until it was done once. */
function onceTheDatabaseAnswers(warden: Warden, work: () => Promise<void>): Loop {
  let done = false;
  return loop(
    async () => {
      if (!done) await work();
      done = true;
      return 60_000;
    },
    { onError: (error) => warden.log.warn({ err: error }, 'held calls wait to be cancelled') },
  );
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

/** No new calls; those under way are answered, those that only wait are cut. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
}

const tellStarter = (event: { readonly event: string }): void =>
  void process.stdout.write(`${JSON.stringify(event)}\n`);

/** A signal, or the starter gone: a clean end, or after three seconds an end. What was under way is found at the next start. */
function onceAskedToStop(stop: () => Promise<void>): void {
  let stopping = false;
  const begin = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), 3_000).unref();
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, begin);
}

/** One sentence that says what to do, and nothing that was read on the way. */
function fail(error: unknown): never {
  const { code, port } = error as { code?: string; port?: number };
  const words =
    code === 'EADDRINUSE'
      ? `Port ${port} is taken: stop what listens there, or set SIGN_PORT or GATEWAY_PORT.`
      : String(error instanceof Error ? error.message : error);
  process.stderr.write(`${words}\n`);
  process.exit(1);
}

main().catch(fail);
