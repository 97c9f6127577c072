import { canonicalText, iso, newId, type Json } from '#lib/core';
import type { Tx } from '#lib/db';
import type { NewAuditEvent } from './event';

/**
 * Records an event in the caller's transaction: the change and its record
 * commit together or not at all (P4). Returns the event's id.
 */
export async function append(tx: Tx, event: NewAuditEvent): Promise<string> {
  const id = newId('evt');
  const { kind, actor, at, data, agentId, humanId, targetId, requestId, grantId } = event;
  const subject = present({ agentId, humanId, targetId, requestId, grantId });
  const body = canonicalText({ type: 'countersign/event', version: 1, id, kind, actor, at: iso(at), subject, data: data ?? {} });
  await tx.auditEvent.create({ data: { id, kind, actor, at, body, ...subject } });
  return id;
}

function present(fields: { [key: string]: string | undefined }): { [key: string]: string & Json } {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
