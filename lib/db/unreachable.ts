import { type ErrorFields, saysAnywhere } from './error-parts';

/*
 * Errors of a database that goes away take the shape of whoever notices first:
 * the server, the driver, the socket, Prisma's adapter or Prisma. Each is
 * recognised by what it says, wherever in the error it stands.
 */

/**
 * SQLSTATE, by what it says of the server and not of the statement: connection,
 * resources, shutdown and start, input and output; a login or a database that is
 * refused; a statement or a transaction that took too long; a standby (25006).
 */
const SQLSTATES = /^(?:08...|53...|57P..|57014|58...|28...|3D000|25006|25P0[34])$/;

/** Node's, for a connection. */
const SOCKET_CODES = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EAI_NONAME',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTCONN',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
]);

/** Prisma's: no connection, a connection lost, no transaction begun in time, or one that ended under its owner. */
const PRISMA_CODES = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1010',
  'P1011',
  'P1017',
  'P1018',
  'P2024',
  'P2028',
  'P2037',
]);

/** The words of Prisma's driver adapter for the same. */
const KINDS = new Set([
  'AuthenticationFailed',
  'ConnectionClosed',
  'DatabaseAccessDenied',
  'DatabaseDoesNotExist',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionAlreadyClosed',
]);

/** The driver's own, where it gives no code. "Received …" is an answer that comes after its question was given up. */
const WORDS =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after|timeout exceeded when trying to connect|timeout expired|Query read timeout|The server does not support SSL|There was an error establishing an SSL|Received unexpected \w+ message from backend|received invalid response|This socket has been ended|Cannot call write after)/;

/** With these words the server ends a session: whatever its reason was, the statement had no answer. */
const LAST_WORDS = new Set(['FATAL', 'PANIC']);

/** Whether an error means that the database is not there, rather than that we did something wrong. */
export const isUnreachable = (error: unknown): boolean => saysAnywhere(error, saysSo);

function saysSo({ code, errorCode, originalCode, kind, severity, message }: ErrorFields): boolean {
  return (
    [code, errorCode, originalCode].some(isCode) ||
    KINDS.has(String(kind)) ||
    LAST_WORDS.has(String(severity)) ||
    WORDS.test(String(message))
  );
}

const isCode = (code: unknown): boolean =>
  typeof code === 'string' && (SQLSTATES.test(code) || SOCKET_CODES.has(code) || PRISMA_CODES.has(code));
