import { canonicalText, iso, type Json, newId } from '#lib/core';
import type { Tx } from '#lib/db';
import type { AuditKind, AuditSubject, NewAuditEvent } from './event';

/** A row of `audit_events`. */
export interface EventRow extends Partial<Record<keyof AuditSubject, string>> {
  readonly id: string;
  readonly kind: AuditKind;
  readonly at: Date;
  readonly actor: string;
  /** Canonical JSON of the whole event. */
  readonly body: string;
}

/** Builds an event's row without storing it, for a filing: that stores request and event in one SQL statement. */
export function eventRow(event: NewAuditEvent): EventRow {
  const id = newId('evt');
  const { kind, actor, at, data, agentId, humanId, targetId, requestId, grantId } = event;
  const subject = present({ agentId, humanId, targetId, requestId, grantId });
  const body = canonicalText({
    type: 'countersign/event',
    version: 1,
    id,
    kind,
    actor,
    at: iso(at),
    subject,
    data: data ?? {},
  });
  return { id, kind, actor, at, body, ...subject };
}

/**
 * Stores an event in the caller's transaction, so that a change and its record
 * commit together or not at all (P4). Returns the event's id.
 */
export async function append(tx: Tx, event: NewAuditEvent): Promise<string> {
  const row = eventRow(event);
  await tx.auditEvent.create({ data: row });
  return row.id;
}

function present(fields: { [key: string]: string | undefined }): { [key: string]: string & Json } {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
