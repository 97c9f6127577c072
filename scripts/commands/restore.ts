import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { restoreBackup } from '#scripts/backup';
import { readSettings, settingsOf } from '#scripts/installation';

const USAGE = `Say which backup, and the file with its key:
  npm run restore -- <folder of the backup> --key <file>
With a database of your own add --database <an administrator’s URL of an empty database>.`;

/** `npm run restore`. */
export async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArgs(args);
  const [from] = positionals;
  if (from === undefined || values.key === undefined) throw new Error(USAGE);
  const settings = readSettings(process.env);
  const { madeAt, urls, people } = await restoreBackup({
    ...{ settings, from: resolve(from), keyFile: resolve(values.key), database: values.database ?? null },
    say: (line) => console.log(line),
  });
  console.log(
    `Restored what was backed up at ${madeAt}, into ${settings.dir}. By it these people decide; look whether you know every key:`,
  );
  for (const { name, role, keys } of people) console.log(`  ${name}, ${role}: ${keys.join(', ') || 'no key'}`);
  if (urls !== null)
    console.log(
      `Set these three; these roles have new passwords now, for every database of that server:\n${settingsOf(urls)}`,
    );
  console.log(
    'npm start now: everything is frozen until an owner accepts with a key, in the console, what was lost since.',
  );
}

function readArgs(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({ args: [...args], options: { key: text, database: text }, allowPositionals: true });
  } catch {
    throw new Error(USAGE);
  }
}
