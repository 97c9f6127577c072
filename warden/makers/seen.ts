import { z } from 'zod';
import type { Metadata, Model } from '#lib/attestation';
import { readPrivate, writePrivate } from '#lib/process';

const Reports = z.array(z.object({ of: z.string(), name: z.string(), compromised: z.string() }));
const Seen = z.object({ number: z.int(), nextUpdate: z.iso.date(), models: Reports, certificates: Reports });

/** The newest edition of FIDO's metadata that was read here. */
export interface SeenMetadata {
  /** Of its models, those that it reported; null before the first. */
  newest(): Metadata | null;
  note(metadata: Metadata): void;
}

/**
 * Keeps what was reported in a file of the warden's own: whoever may take FIDO's
 * file away, or put an older one there, would have a reported model taken again.
 */
export function openSeenMetadata(path: string): SeenMetadata {
  const text = readPrivate(path);
  let newest = text === null ? null : metadataOf(Seen.parse(JSON.parse(text)));
  return {
    newest: () => newest,
    note(metadata) {
      const seen = seenOf(metadata);
      if (newest === null || metadata.number > newest.number) writePrivate(path, `${JSON.stringify(seen)}\n`);
      newest = metadataOf(seen);
    },
  };
}

const seenOf = ({ number, nextUpdate, byAaguid, byKeyIdentifier }: Metadata): z.infer<typeof Seen> => ({
  ...{ number, nextUpdate },
  models: reportsIn(byAaguid),
  certificates: reportsIn(byKeyIdentifier),
});

const reportsIn = (models: ReadonlyMap<string, Model>): z.infer<typeof Reports> =>
  [...models].flatMap(([of, { name, compromised }]) => (compromised === null ? [] : [{ of, name, compromised }]));

const metadataOf = ({ models, certificates, ...edition }: z.infer<typeof Seen>): Metadata => ({
  ...edition,
  byAaguid: modelsOf(models),
  byKeyIdentifier: modelsOf(certificates),
});

const modelsOf = (reports: z.infer<typeof Reports>): ReadonlyMap<string, Model> =>
  new Map(reports.map(({ of, ...report }) => [of, { ...report, icon: null, roots: [] }]));
