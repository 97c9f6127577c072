import { buildAll } from '#scripts/installation';

/** `npm run build`: everything a start would build. */
export async function main(): Promise<void> {
  await buildAll();
}
