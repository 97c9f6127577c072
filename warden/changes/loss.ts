import { iso } from '#lib/core';
import type { KeptEntry } from '#warden/vault';

/** What a database that was put back in time lacks, as far as it can tell. */
export interface Missed {
  /** When its history ends; null where it holds none, or nobody knows. */
  readonly last: Date | null;
  readonly grants: readonly string[];
}

interface Loss extends Missed {
  /** When the backup was made that the folder is from; null where the database alone is older. */
  readonly backupOf: string | null;
  /** The chain's, that were put back. */
  readonly entries: readonly KeptEntry[];
}

const MOST_TOLD = 10;

/** What is lost and what is not, for the person who accepts it. */
export function lossOf({ backupOf, entries, grants, last }: Loss): string {
  const changes = entries.map((entry) => `${entry.seq} ${summary(entry)}`);
  return [
    backupOf === null
      ? `Countersign’s database is older than what the warden remembers${last === null ? '' : `: its history ends at ${minute(last)}`}.`
      : `Countersign was restored from the backup of ${minute(new Date(backupOf))}. What was signed since is lost: whoever was removed after that decides again, until they are removed again.`,
    changes.length > 0 ? `The warden put back the signed changes it lacked: ${listed(changes)}.` : null,
    grants.length > 0 ? `Grants made since are not in it: ${listed(grants)}.` : null,
    'Requests, decisions and history since then are lost. Whatever was live has ended; whatever was open was denied.',
    'Who ends this freeze accepts that. If the true database can still be had, restore it instead.',
  ]
    .filter((sentence) => sentence !== null)
    .join(' ');
}

type Named = { readonly name: string } | null | undefined;

/** The kind of a change and whom or what it is about. */
function summary({ kind, statement }: KeptEntry): string {
  // Every entry was verified, and the first one is of a kind of its own.
  const { human, agent, target, name } = JSON.parse(statement) as Record<'human' | 'agent' | 'target', Named> &
    Partial<{ name: string }>;
  const about = human?.name ?? agent?.name ?? target?.name ?? name;
  return about === undefined ? kind : `${kind} (${about})`;
}

const minute = (at: Date): string => iso(at).replace(/^(.{10})T(.{5}).*$/, '$1 $2 UTC');

function listed(names: readonly string[]): string {
  const more = names.length - MOST_TOLD;
  return names.slice(0, MOST_TOLD).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
