/** Prisma's codes and SQLSTATEs for a database that is away, starting, stopping or full. */
const CODES = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08000',
  '08003',
  '08006',
]);

/** The driver adapter's words for the same. */
const KINDS = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);

/** The driver's own, where a connection is lost under a query: it gives no code. */
const WORDS =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/;

/** Whether an error means that the database is not there, rather than that we did something wrong. */
export function isUnreachable(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 4) return false;
  const { code, kind, message, cause, meta } = error as { readonly [field: string]: unknown };
  if (CODES.has(String(code)) || KINDS.has(String(kind)) || WORDS.test(String(message))) return true;
  return isUnreachable(cause, depth + 1) || isUnreachable(driverError(meta), depth + 1);
}

/** Where Prisma keeps what the adapter said. */
const driverError = (meta: unknown): unknown =>
  typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta ? meta.driverAdapterError : null;
