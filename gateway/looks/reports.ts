import type { SignedUpstream } from '#gateway/head';
import { type Inspection, keepSchema, openTarget, providerOf, signedSchema } from '#gateway/providers';
import { DomainError, digestOf, refuse, sha256Base64url } from '#lib/core';
import type { Statement } from '#lib/db';
import { withTimeout } from '#lib/process';
import {
  isForAnotherKey,
  openRecord,
  openSealed,
  Probe,
  type Report,
  type SignedRecord,
  secretContext,
} from '#lib/records';
import { isUpstream, type UpstreamConfig } from '#lib/targets';
import type { Gateway } from '../context';
import { recordReport } from './record';

/** Longer than the two calls of an inspection may take together. */
const PATIENCE_SECONDS = 70;

export interface ProbeRow extends SignedRecord {
  readonly id: string;
}

const WAITING: Statement = {
  name: 'looks_probes',
  text: `SELECT id, body, signature FROM probes WHERE id <> ALL ($1)
    AND NOT EXISTS (SELECT FROM looks WHERE kind = 'probe' AND subject_id = probes.id) LIMIT 50`,
};

/** Targets that are being added or renewed and were not tried yet, but those under way here. */
export const waitingProbes = ({ hot }: Gateway, inFlight: readonly string[]): Promise<ProbeRow[]> =>
  hot.rows<ProbeRow>(WAITING, [inFlight]);

/** Tries what was typed, where the warden itself asks for it. */
export async function answerProbe(gateway: Gateway, { id, body, signature }: ProbeRow): Promise<void> {
  const { vault, alarms, head } = gateway;
  const probe = openRecord(vault.wardenPublicKey, 'probe', Probe, { body, signature });
  if (probe === null || probe.id !== id || !isUpstream(probe.config)) {
    alarms.raise('tampering', `Probe ${id} in the database is not signed by the warden. Nothing is tried for it.`);
    return;
  }
  const { config } = probe;
  const about = aboutOf({ ...probe, config, ciphertext: sha256Base64url(probe.ciphertext) });
  const outcome = await outcomeOf(gateway, () => inspectProbe(gateway, { ...probe, config }));
  await recordReport(gateway, { ...about, probeId: probe.id, at: head.now().toISOString(), outcome });
}

const TYPE_ANOTHER = 'The secret it has was sealed to a key that the gateway no longer has. Type the new one.';

async function inspectProbe(
  gateway: Gateway,
  { targetId, config, ciphertext, signed }: Probe & { readonly config: UpstreamConfig },
): Promise<Inspection> {
  const secret = await openSealed(gateway.vault.gatewayKey, secretContext(targetId, config), ciphertext).catch(
    (error: unknown) => {
      // What was typed now is sealed to the key in force: only a secret that is kept can be of an earlier one.
      if (isForAnotherKey(error)) return refuse('minting_stopped', TYPE_ANOTHER);
      throw error;
    },
  );
  const schema = signed ? await signedSchema(gateway, config) : null;
  return providerOf(config, { upstream: gateway.upstreams.open(config, secret), schema }).inspect();
}

/** How a target that was signed answers now. Returns whether that is well. */
export async function reportTarget(gateway: Gateway, target: SignedUpstream): Promise<boolean> {
  const about = aboutOf({ targetId: target.id, config: target.config, ciphertext: target.secretDigest });
  const outcome = await outcomeOf(gateway, async () => (await openTarget(gateway, target)).provider.inspect());
  await recordReport(gateway, { ...about, probeId: null, at: gateway.head.now().toISOString(), outcome });
  return outcome.kind === 'seen' && outcome.dangers.length === 0;
}

const aboutOf = ({
  targetId,
  config,
  ciphertext,
}: {
  readonly targetId: string;
  readonly config: UpstreamConfig;
  readonly ciphertext: string;
}) => ({ targetId, config: digestOf(config), ciphertext });

async function outcomeOf(gateway: Gateway, inspect: () => Promise<Inspection>): Promise<Report['outcome']> {
  try {
    const {
      version,
      answered = null,
      dangers,
      warnings,
      schema,
      schemaChanged = false,
    } = await withTimeout(PATIENCE_SECONDS, inspect());
    if (schema !== undefined) await keepSchema(gateway.hot, schema);
    const shown = { version, answered, dangers: dangers.map((one) => ({ ...one })), warnings: [...warnings] };
    return { kind: 'seen', ...shown, schemaHash: schema?.hash ?? null, schemaChanged };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { kind: 'trouble', code: error.code, message: error.message };
  }
}
