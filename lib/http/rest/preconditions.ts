/** The opaque part of entity tags: `W/"3"` and `"3"` name the same version here. */
const tagsIn = (header: string): string[] => [...header.matchAll(/(?:W\/)?"([^"]*)"/g)].map((match) => match[1] ?? '');

/** A weak tag: the same version, though not always the same bytes (RFC 9110 §8.8.1). */
export const etagOf = (version: string): string => `W/"${version}"`;

/** Whether `If-None-Match` or `If-Match` names this version. */
export const namesVersion = (header: string, version: string): boolean =>
  header.trim() === '*' || tagsIn(header).includes(version);

/** The longest anybody waits, seconds. */
const MOST_SECONDS = 120;

/** Seconds from `Prefer: wait=N` (RFC 7240), at most 120; 0 without. */
export function preferredWait(header: string | null): number {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?(?:$|[,;\s])/i.exec(header ?? '')?.[1];
  return Math.min(Number(seconds ?? 0), MOST_SECONDS);
}
