import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '#lib/db';
import {
  cancelOpen,
  firstOwner,
  openRequests,
  type Person,
  packedMaker,
  startAgent,
  type Teller,
  teller,
  tellStory,
} from '#scripts/demo';
import { buildAll, freeAddresses, openInstallation, readSettings, type Settings } from '#scripts/installation';
import { reapAfterDeath } from '#scripts/reaper';
import { type RailwaySimulator, startRailwaySimulator } from '../../railway-simulator';

const TARGET = 'railway';

/** `npm run demo`: the incident, replayed against Countersign on ports and in a folder of its own. `-- --exit` ends with the story, `--keep` leaves its folder. */
export async function main(args: readonly string[]): Promise<void> {
  const stays = !args.includes('--exit');
  await buildAll();
  const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  const tell = teller(process.stdout, { colour });
  // Not under $TMPDIR, which may be closed to the users that root's processes run as.
  const dir = mkdtempSync('/tmp/countersign-demo-');
  const removed = args.includes('--keep') ? () => undefined : reapAfterDeath({ folder: dir });
  const railway = await startRailwaySimulator();
  const { installation, settings, setupUrl } = await open(dir);
  const databaseUrl = installation.database.embedded?.urls.web ?? '';
  const stop = async (): Promise<void> => {
    await Promise.all([railway.close(), installation.stop()]);
    if (!args.includes('--keep')) rmSync(dir, { recursive: true, force: true });
    removed();
  };
  let held = false;
  try {
    const visitors = stays ? databaseUrl : null;
    held = await replay(tell, settings, { railway, setupUrl, visitors, rootsDir: installation.layout.makers.roots });
  } catch (error) {
    tell.say('demo', error instanceof Error ? error.message : String(error));
  }
  if (stays && held) await untilAsked();
  await stop();
  process.exit(held ? 0 : 1);
}

interface Scene {
  readonly railway: RailwaySimulator;
  readonly setupUrl: string;
  /** Where to look for a visitor who registered a key; null where nobody is waited for. */
  readonly visitors: string | null;
  /** Where this installation reads which makers of keys count besides the built-in ones. */
  readonly rootsDir: string;
}

async function replay(tell: Teller, settings: Settings, scene: Scene): Promise<boolean> {
  const { railway, setupUrl, visitors, rootsDir } = scene;
  tell.heading('Countersign, in front of a simulated Railway');
  const maker = packedMaker();
  writeFileSync(join(rootsDir, 'demo.pem'), maker.root.toString());
  const owner = await firstOwner({ web: settings.webOrigin, sign: settings.signOrigin }, setupUrl, maker);
  const token = await furnish(owner, railway);
  tell.say('demo', 'An owner with a key (in software, of a maker that this demo alone knows) added the provider and');
  tell.say('demo', 'let one agent read.');
  tell.say('demo', `Watch it in the console: ${settings.webOrigin}`);
  if (visitors !== null) await letVisitorIn(tell, owner, visitors);
  const agent = startAgent({ endpoint: `${settings.gatewayOrigin}/t/${TARGET}`, token });
  try {
    const pending = async () => (await openRequests(settings, token))[0]?.id ?? null;
    const outcomes = await tellStory({ tell, agent, owner, railway, pending });
    tell.heading('What holds');
    for (const { what, holds } of outcomes) tell.say('demo', `${holds ? 'yes' : 'NO'}  ${what}`);
    return outcomes.every(({ holds }) => holds);
  } finally {
    // Where the console is gone there is nobody left to look around.
    await cancelOpen(settings, token).catch(() => undefined);
    agent.leave();
  }
}

/** On ports nobody has, with nothing of the operator's own settings. */
async function open(dir: string) {
  const settings = readSettings({ PATH: process.env['PATH'], ...(await freeAddresses()), COUNTERSIGN_DIR: dir });
  let told = (_: string): void => undefined;
  const link = new Promise<string>((resolve) => (told = resolve));
  const installation = await openInstallation({
    settings,
    throwaway: true,
    say: () => undefined,
    onSetupLink: (url) => told(url),
  });
  return { installation, settings, setupUrl: await link };
}

/** What an owner does once: the provider, an agent, and what it may read. Returns the agent's ask token. */
async function furnish(owner: Person, railway: RailwaySimulator): Promise<string> {
  const targetId = await owner.addTarget({
    kind: 'graphql',
    name: TARGET,
    environment: 'production',
    profile: 'railway',
    url: railway.url,
    secretIn: { place: 'bearer' },
    secret: railway.token,
    opens: [],
    closes: [],
    privateNetwork: true,
    maxBodyBytes: 1_048_576,
    outageSeconds: 60,
    refuseUnknown: false,
    maxTtlSeconds: 3_600,
    soleOwnerMayApprove: true,
  });
  const { id, token } = await owner.register({ name: 'deploy-bot', description: 'Deploys the rental platform.' });
  await owner.sign('rest.allow', { agentId: id, targetId, ttlSeconds: 3_600 });
  return token;
}

/** A link by which whoever watches gets a key of their own in; the demo's owner admits them when they have. */
async function letVisitorIn(tell: Teller, owner: Person, databaseUrl: string): Promise<void> {
  const visitor = { name: 'Visitor', email: 'visitor@example.com', role: 'approver' };
  const { url } = await owner.console('/invitations', visitor);
  tell.say('demo', `To look inside, register a key or passkey of yours: ${String(url)}`);
  const db = connect(databaseUrl, { max: 1 });
  const timer = setInterval(() => {
    void admit().catch(() => undefined);
  }, 1_000);
  timer.unref();

  async function admit(): Promise<void> {
    const waiting = await db.human.findFirst({ where: { state: 'waiting' }, select: { id: true } });
    if (waiting === null) return;
    clearInterval(timer);
    await owner.sign('human.admit', { humanId: waiting.id });
    tell.say('demo', 'You are in: sign in with your key.');
  }
}

/** Until Ctrl-C. */
function untilAsked(): Promise<void> {
  console.log('\nIt stays up for you to look around. Ctrl-C ends it and removes it.');
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        clearInterval(alive);
        resolve();
      });
  });
}
