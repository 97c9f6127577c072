export { connect, type Db, type Tx } from './client';
export type {
  Agent,
  Approval,
  AuditEvent,
  ChainEntry,
  Draft,
  Freeze,
  GatewayInstance,
  Grant,
  Human,
  Invitation,
  Key,
  Look,
  Order,
  OrderWanted,
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
export { type Locks, openLocks } from './locks';
export { isRolledBack } from './rolled-back';
export { databaseNow, transact, transactBriefly } from './transact';
export { isUnreachable } from './unreachable';
