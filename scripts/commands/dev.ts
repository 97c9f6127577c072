import { generateClient, type Installation, readSettings, watchProcesses } from '#scripts/installation';
import { attend } from './attend';

/** `npm run dev`: the console by `next dev`; the warden and the gateway built and started again on every change. All in the checkout, as one user. */
export async function main(): Promise<void> {
  await generateClient();
  let installation: Installation | undefined;
  await watchProcesses((name) => void restart(installation?.[name]));
  installation = await attend({ settings: readSettings(process.env, false), development: true });
}

async function restart(process: Installation['warden'] | undefined): Promise<void> {
  await process?.stop();
  process?.start();
}
