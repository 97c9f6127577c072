import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { makeBackup } from '#scripts/backup';
import { readSettings } from '#scripts/installation';

const USAGE = `Say where to, and for whose key:
  npm run backup -- <folder> --for age1…      a backup that only that key opens
  npm run backup -- --new-key <file>          a new key, to be kept where Countersign does not run
With a database of your own add --database <an administrator’s URL>.`;

/** `npm run backup`. */
export async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArgs(args);
  if (values['new-key'] !== undefined) return newKey(resolve(values['new-key']));
  const [into] = positionals;
  const recipient = values.for ?? process.env['BACKUP_RECIPIENT'];
  if (into === undefined || recipient === undefined) throw new Error(USAGE);
  if (!recipient.startsWith('age1')) throw new Error(`${recipient} is no recipient: it begins with age1.`);
  const database = values.database ?? null;
  const dir = await makeBackup({ settings: readSettings(process.env), into: resolve(into), recipient, database });
  console.log(`Backed up to ${dir}. Copy the whole folder to where the credentials of this machine do not reach.`);
}

function readArgs(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = { for: text, 'new-key': text, database: text };
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    throw new Error(USAGE);
  }
}

/** As `age-keygen` writes it. */
async function newKey(file: string): Promise<void> {
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  writeFileSync(file, `# public key: ${recipient}\n${identity}\n`, { flag: 'wx', mode: 0o600 });
  console.log(
    `${recipient}\nThe key is in ${file}. Take it away from this machine: whoever has it reads every backup.`,
  );
}
