import { generateClient, type Installation, readSettings, watchWarden } from '#scripts/installation';
import { attend } from './attend';

/** `npm run dev`: the console by `next dev`; the warden built and started again on every change. */
export async function main(): Promise<void> {
  await generateClient();
  let installation: Installation | undefined;
  await watchWarden(() => void restart(installation));
  installation = await attend({ settings: readSettings(process.env), development: true });
}

async function restart(installation: Installation | undefined): Promise<void> {
  await installation?.warden.stop();
  installation?.warden.start();
}
