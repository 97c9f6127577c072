export { connect, type Db, type Tx } from './client';
export type {
  Agent,
  Approval,
  AuditEvent,
  ChainEntry,
  Draft,
  Freeze,
  Grant,
  Human,
  Invitation,
  Key,
  Request,
  RestAllowance,
  Sealed,
  Session,
  Target,
  Ticket,
} from './generated/client';
export { Prisma } from './generated/client';
export { connectHot, type Hot, type Statement } from './hot';
export { type Listener, listen, type Notice } from './listen';
export { databaseNow, transact } from './transact';
export { isUnreachable } from './unreachable';
