import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { fidoRoots, type Makers, type Metadata, openMetadata, ownRoot, pinnedRoots, withRoots } from '#lib/attestation';
import type { Alarms } from '#warden/alarms';
import { openSeenMetadata, type SeenMetadata } from './seen';

/** Whose word about hardware counts here: the makers' own roots, and what an owner of this machine put beside them. */
export interface KeyMakers {
  /** As the files are now; without metadata that counts, the models that its newest edition reported. */
  current(): Makers;
  /** For people: what counts, and how old it is. */
  status(): MakersStatus;
  /** The same about FIDO's metadata in a sentence. */
  words(): string;
}

export interface MakersStatus {
  /** Certificates of the owner's own that count beside those that are built in. */
  readonly roots: number;
  readonly metadata: { readonly number: number; readonly nextUpdate: string } | null;
}

interface Files {
  /** Folder of PEM files. */
  readonly rootsDir: string;
  /** FIDO's metadata, as it is downloaded. */
  readonly metadataFile: string;
  /** The warden's own note of what that file said. */
  readonly seenFile: string;
  readonly alarms: Alarms;
  readonly now?: () => Date;
  /** Who signs that file. */
  readonly signers?: readonly X509Certificate[];
}

/**
 * Reads both at their first use and whenever they change. What is broken, not
 * signed, or open to others is not used and raises an alarm: whoever writes there
 * says what is hardware.
 */
export function createMakers(files: Files): KeyMakers {
  const { rootsDir, alarms, now = () => new Date() } = files;
  const builtIn = pinnedRoots();
  const own = cached(
    () => stampOf([rootsDir, ...(attempted(() => pemFiles(rootsDir)) ?? [])]),
    () =>
      attempt(alarms, 'maker_roots_refused', `The makers’ roots in ${rootsDir} are not used`, () => {
        const files = pemFiles(rootsDir);
        for (const path of [...(files.length > 0 ? [rootsDir] : []), ...files]) refuseOpen(path);
        return files.flatMap((path) => certificatesIn(readFileSync(path, 'utf8'), path));
      }) ?? [],
  );
  const seen = openSeenMetadata(files.seenFile);
  const read = cached(
    () => stampOf([files.metadataFile]),
    () => metadataIn(files, seen, now()),
  );
  const metadata = (): Metadata | null => {
    const known = read();
    tellAge(files, known, now());
    return known;
  };
  const roots = (): Makers['roots'] => withRoots(builtIn, own().map(ownRoot));
  const status = (): MakersStatus => {
    const known = metadata();
    return {
      roots: roots().length - builtIn.length,
      metadata: known === null ? null : { number: known.number, nextUpdate: known.nextUpdate },
    };
  };
  return {
    status,
    words: () => metadataWords(status().metadata, seen.newest(), now()),
    current: () => ({ roots: roots(), metadata: metadata() ?? seen.newest() }),
  };
}

function metadataIn({ metadataFile, alarms, signers }: Files, seen: SeenMetadata, now: Date): Metadata | null {
  return attempt(alarms, 'fido_metadata_refused', `FIDO’s metadata in ${metadataFile} is not used`, () => {
    const before = seen.newest();
    if (statOf(metadataFile) === undefined) {
      if (before === null) return null;
      throw new Error(`it is gone, and edition ${before.number} was there. Models it reported stay refused`);
    }
    refuseOpen(metadataFile);
    const metadata = openMetadata(readFileSync(metadataFile, 'utf8'), signers ?? fidoRoots(), now);
    if (before !== null && metadata.number < before.number)
      throw new Error(
        `it is edition ${metadata.number}, and ${before.number} was there. Models that one reported stay refused`,
      );
    seen.note(metadata);
    return metadata;
  });
}

function tellAge({ metadataFile, alarms }: Files, metadata: Metadata | null, now: Date): void {
  if (metadata === null || !isOverdue(metadata, now)) {
    alarms.clear('fido_metadata_old');
    return;
  }
  alarms.raise(
    'fido_metadata_old',
    `FIDO’s metadata in ${metadataFile} is edition ${metadata.number}, after which another was due on ${metadata.nextUpdate}: ` +
      'a model that was reported since then is known here only once a newer file is there.',
  );
}

const DAY_MS = 86_400_000;

/** Whether the day of the next edition is over. */
const isOverdue = ({ nextUpdate }: Pick<Metadata, 'nextUpdate'>, now: Date): boolean =>
  Date.parse(nextUpdate) + DAY_MS <= now.getTime();

function metadataWords(metadata: MakersStatus['metadata'], before: Metadata | null, now: Date): string {
  if (metadata === null && before !== null)
    return `FIDO’s metadata is not in use: models that its edition ${before.number} reported are refused, and no later report is known.`;
  if (metadata === null) return 'FIDO’s metadata is not here: whether a model was reported is not known.';
  const due = isOverdue(metadata, now) ? 'was' : 'is';
  return `FIDO’s metadata here is edition ${metadata.number}; the next ${due} due on ${metadata.nextUpdate}.`;
}

/** Made again whenever the stamp is another one. */
function cached<T>(stamp: () => string, make: () => T): () => T {
  let known: { readonly stamp: string; readonly value: T } | null = null;
  return () => {
    const current = stamp();
    if (known?.stamp !== current) known = { stamp: current, value: make() };
    return known.value;
  };
}

type Code = 'maker_roots_refused' | 'fido_metadata_refused';

function attempt<T>(alarms: Alarms, code: Code, what: string, act: () => T): T | null {
  try {
    const value = act();
    alarms.clear(code);
    return value;
  } catch (error) {
    const why = error instanceof Error && error.name === 'Error' ? error.message : 'it cannot be read';
    alarms.raise(code, `${what}: ${why}. Keys that need it count as not proven.`);
    return null;
  }
}

/** Null where it fails: what is wrong is told when the files are read. */
function attempted<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const stampOf = (paths: readonly string[]): string =>
  paths
    .map((path) => {
      const { ino = 0, size = 0, mtimeMs = 0, mode = 0, uid = 0 } = statOf(path) ?? {};
      return [path, ino, size, mtimeMs, mode, uid].join(' ');
    })
    .join('\n');

function pemFiles(dir: string): string[] {
  if (statOf(dir) === undefined) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.pem'))
    .sort()
    .map((name) => join(dir, name));
}

/** Refuses what anybody but root and the warden's own user could write. */
function refuseOpen(path: string): void {
  const { uid, mode } = statSync(path);
  const ours = process.getuid === undefined || [0, process.getuid()].includes(uid);
  if (!ours || (mode & 0o022) !== 0) throw new Error(`${path} belongs to somebody else, or others may write to it`);
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function certificatesIn(text: string, path: string): X509Certificate[] {
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw new Error(`${path} holds no certificate`);
  const certificates = found.map((pem) => new X509Certificate(pem));
  if (certificates.some((each) => !hasReadableKey(each)))
    throw new Error(`${path} holds a certificate whose key cannot be read`);
  return certificates;
}

function hasReadableKey(certificate: X509Certificate): boolean {
  try {
    return certificate.publicKey.type === 'public';
  } catch {
    return false;
  }
}
