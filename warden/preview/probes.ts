import { digestOf, iso, type Json, newId, refuse, sha256Base64url } from '#lib/core';
import { databaseNow, type Look as LookRow } from '#lib/db';
import { withTimeout } from '#lib/process';
import { openRecord, type Probe, Report, sealTo, secretContext, signRecord } from '#lib/records';
import type { UpstreamConfig } from '#lib/targets';
import type { Warden } from '../context';

/** Longer than the gateway gives a provider. */
const PATIENCE_SECONDS = 75;

/** What is to be tried: a target that is not added yet, or one with another secret. */
export interface Trying {
  readonly targetId: string;
  readonly config: UpstreamConfig;
  /** What was typed, or the ciphertext that is kept: the warden cannot open that one. */
  readonly secret: { readonly typed: string } | { readonly kept: string };
  /** Whether an owner signed the schema that the config names. */
  readonly signed: boolean;
}

export interface Tried {
  /** The secret, sealed to the gateway: the digest of this is what an owner signs. */
  readonly ciphertext: string;
  readonly report: Extract<Report['outcome'], { kind: 'seen' }>;
  /** SHA-256 of the signed report's bytes. */
  readonly reportDigest: string;
}

/**
 * Has the gateway try a provider with its secret: encrypted at once, by a key the
 * warden does not hold. Throws `target_refused` or `target_unreachable` with the
 * gateway's words, `unavailable` where no copy answers.
 */
export async function tryProvider(warden: Warden, trying: Trying): Promise<Tried> {
  const authority = await warden.authority.current(warden.db);
  const key = warden.gateways.key(authority);
  if (key === null) return refuse('minting_stopped', 'The gateway’s key is not the signed one. See the alarm.');
  const { targetId, config, secret, signed } = trying;
  const ciphertext = 'kept' in secret ? secret.kept : await sealTo(key, secretContext(targetId, config), secret.typed);
  const id = newId('prb');
  const at = iso(await databaseNow(warden.db));
  const probe: Probe = { id, targetId, config, ciphertext, signed, at };
  const row = await answered(warden, probe);
  const report = openRecord(key, 'report', Report, row);
  const same =
    report?.probeId === id && report.config === digestOf(config) && report.ciphertext === sha256Base64url(ciphertext);
  if (report === null || !same) return refuse('minting_stopped', 'The answer to this is not the gateway’s. Try again.');
  const { outcome } = report;
  if (outcome.kind === 'trouble')
    return refuse(outcome.code === 'target_unreachable' ? 'target_unreachable' : 'target_refused', outcome.message);
  return { ciphertext, report: outcome, reportDigest: sha256Base64url(row.body) };
}

/** Puts the probe where the gateway finds it, and waits for its answer. */
async function answered({ db, vault, listener }: Warden, probe: Probe): Promise<LookRow> {
  const signed = signRecord(vault.signingKey, 'probe', probe as unknown as Json);
  let wake: (row: LookRow) => void = () => undefined;
  const answer = new Promise<LookRow>((resolve) => {
    wake = resolve;
  });
  const look = async (): Promise<void> => {
    const row = await db.look.findFirst({ where: { kind: 'probe', subjectId: probe.id } });
    if (row !== null) wake(row);
  };
  const unsubscribe = listener.onNotice((notice) => {
    if (notice === null || notice.table === 'looks') void look().catch(() => undefined);
  });
  const again = setInterval(() => void look().catch(() => undefined), 2_000);
  try {
    await db.probe.create({ data: { id: probe.id, ...signed } });
    return await withTimeout(PATIENCE_SECONDS, answer, NO_ANSWER);
  } finally {
    unsubscribe();
    clearInterval(again);
    await db.probe.deleteMany({ where: { id: probe.id } }).catch(() => undefined);
    await db.look.deleteMany({ where: { kind: 'probe', subjectId: probe.id } }).catch(() => undefined);
  }
}

const NO_ANSWER = 'The gateway has not answered: is it running? Nothing was stored. Try again.';
