export { connect, type Db, type Tx } from './client';
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
export { Prisma } from './generated/client';
export { type Listener, listen, type Notice } from './listen';
export { databaseNow, transact } from './transact';
