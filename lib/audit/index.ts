export { append, type EventRow, eventRow } from './append';
export type { Actor, AuditKind, AuditSubject, NewAuditEvent } from './event';
