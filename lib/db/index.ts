export { connect, type Db, type Tx } from './client';
export { databaseNow, transact } from './transact';
export { type Listener, listen, type Notice } from './listen';
export { Prisma } from './generated/client';
export type {
  Agent,
  Approval,
  AuditEvent,
  ChainEntry,
  Draft,
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
