import { type Installation, type InstallationOptions, openInstallation } from '#scripts/installation';

/** Starts an installation, says where it is, and keeps it until it is asked to stop. */
export async function attend(options: Pick<InstallationOptions, 'settings' | 'development'>): Promise<Installation> {
  const links: string[] = [];
  let ready = false;
  const invite = (url: string): void => console.log(`Set it up, once, within 30 minutes: ${url}`);
  const stopping = stopOnSignals();
  const installation = await openInstallation({
    ...options,
    say: (line) => console.log(line),
    onSetupLink: (url) => (ready ? invite(url) : void links.push(url)),
  });
  ready = true;
  console.log(`Countersign runs at ${options.settings.webOrigin}`);
  for (const url of links.slice(-1)) invite(url);
  stopping(installation);
  return installation;
}

/** A terminal tells the whole group, and npm tells its script once more: one Ctrl-C is two signals. */
const SAME_ASKING_MS = 1_000;

/** The first signal stops in order, a second one at once. */
function stopOnSignals(): (installation: Installation) => void {
  let running: Installation | undefined;
  let asked = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  const stop = (): void => {
    if (performance.now() - askedAt < SAME_ASKING_MS) return;
    askedAt = performance.now();
    asked += 1;
    if (asked > 1) process.exit(1);
    console.log('Stopping …');
    if (running) void running.stop().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return (installation) => {
    running = installation;
    if (asked > 0) void installation.stop().then(() => process.exit(0));
  };
}
