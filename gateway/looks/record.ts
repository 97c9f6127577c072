import { type Json, newId } from '#lib/core';
import type { Statement } from '#lib/db';
import { type Look, type Report, signRecord } from '#lib/records';
import type { Gateway } from '../context';

const INSERT: Statement = {
  name: 'looks_insert',
  text: 'INSERT INTO looks (id, kind, subject_id, body, signature) VALUES ($1, $2, $3, $4, $5)',
};

/** Leaves what was found about a request for the warden. */
export async function recordLook({ hot, vault }: Gateway, look: Look): Promise<void> {
  const { body, signature } = signRecord(vault.gatewayKey, 'look', look as unknown as Json);
  await hot.rows(INSERT, [newId('lok'), 'request', look.requestId, body, signature]);
}

/** Leaves how a target answered: to a probe, or to a look by itself. */
export async function recordReport({ hot, vault }: Gateway, report: Report): Promise<void> {
  const { body, signature } = signRecord(vault.gatewayKey, 'report', report as unknown as Json);
  const subject =
    report.probeId === null ? (['target', report.targetId] as const) : (['probe', report.probeId] as const);
  await hot.rows(INSERT, [newId('lok'), ...subject, body, signature]);
}
