export { append, type EventRow, eventRow } from './append';
export type { AuditKind, NewAuditEvent } from './event';
