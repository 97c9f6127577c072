import { buildAll, readSettings } from '#scripts/installation';
import { attend } from './attend';
import { endWithNpm } from './npm';

/** `npm start`. */
export async function main(): Promise<void> {
  endWithNpm();
  const settings = readSettings(process.env);
  await buildAll();
  await attend({ settings });
}
