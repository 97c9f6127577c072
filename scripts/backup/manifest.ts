import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** What each part is of. The starter's own is `installation`. */
export const PARTS = ['database', 'installation', 'gateway', 'warden'] as const;
export type PartName = (typeof PARTS)[number];

const Manifest = z.object({
  format: z.literal('countersign/backup'),
  version: z.literal(1),
  madeAt: z.iso.datetime(),
  /** Whose key opens it. */
  recipient: z.string(),
  /** Of the database, in order. */
  migrations: z.array(z.string()).min(1),
  parts: z.record(z.enum(PARTS), z.object({ sha256: z.string(), bytes: z.number() })),
});
export type Manifest = z.infer<typeof Manifest>;

export const partFile = (dir: string, part: PartName): string => join(dir, `${part}.age`);

/** Last of all: a folder without it is no backup. */
export async function writeManifest(dir: string, facts: Omit<Manifest, 'format' | 'version' | 'parts'>): Promise<void> {
  const parts = Object.fromEntries(await Promise.all(PARTS.map(async (part) => [part, await digestOf(dir, part)])));
  const manifest = { format: 'countersign/backup', version: 1, ...facts, parts };
  writeFileSync(join(dir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
}

/** Reads it, and looks whether every part is there as it was written. Throws one sentence. */
export async function readManifest(dir: string): Promise<Manifest> {
  const file = join(dir, 'manifest.json');
  if (!existsSync(file)) throw new Error(`${dir} is no backup: it holds no manifest.json.`);
  const read = Manifest.safeParse(jsonIn(file));
  if (!read.success) throw new Error(`${file} is of another version of Countersign, or of something else.`);
  for (const part of PARTS) {
    const path = partFile(dir, part);
    if (!existsSync(path)) throw new Error(`${path} is missing: copy the whole folder.`);
    const found = await digestOf(dir, part);
    if (found.sha256 !== read.data.parts[part].sha256)
      throw new Error(`${path} is not what was written: it is damaged, or somebody changed it. Take another copy.`);
  }
  return read.data;
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

async function digestOf(dir: string, part: PartName): Promise<{ sha256: string; bytes: number }> {
  const path = partFile(dir, part);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { sha256: hash.digest('hex'), bytes: statSync(path).size };
}
