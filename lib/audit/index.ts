export { append } from './append';
export type { Actor, AuditKind, AuditSubject, NewAuditEvent } from './event';
