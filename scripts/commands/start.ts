import { buildAll, readSettings } from '#scripts/installation';
import { attend } from './attend';

/** `npm start`. */
export async function main(): Promise<void> {
  const settings = readSettings(process.env);
  await buildAll();
  await attend({ settings });
}
