import { describe, expect, test } from 'vitest';
import { isUnreachable } from './unreachable';

const withCode = (code: string, message = code): Error => Object.assign(new Error(message), { code });
const wrapped = (cause: unknown): Error => new Error('Something went wrong.', { cause });

describe('An error of a database that is away is recognised', () => {
  test.each([
    ...['08000', '08001', '08003', '08004', '08006', '08007', '08P01'],
    ...['53000', '53100', '53200', '53300', '53400'],
    ...['57014', '57P01', '57P02', '57P03', '57P04', '57P05'],
    ...['58000', '58030', '28000', '28P01', '3D000', '25006', '25P03', '25P04'],
    ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    ...['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'ENOTCONN'],
    ...['P1000', 'P1001', 'P1002', 'P1003', 'P1008', 'P1010', 'P1011', 'P1017', 'P1018', 'P2024', 'P2028', 'P2037'],
  ])('by the code %s, at any depth', (code) => {
    expect(isUnreachable(withCode(code))).toBe(true);
    expect(isUnreachable(wrapped(wrapped(withCode(code))))).toBe(true);
  });

  test.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'The server does not support SSL connections',
    'There was an error establishing an SSL connection',
    'Received unexpected commandComplete message from backend.',
    'This socket has been ended by the other party',
  ])('by the driver’s words: %s', (words) => {
    expect(isUnreachable(new Error(words))).toBe(true);
    expect(isUnreachable(wrapped(new Error(words)))).toBe(true);
  });

  test.each([
    ['Prisma that cannot begin', { name: 'PrismaClientInitializationError', errorCode: 'P1001' }],
    [
      'Prisma over its adapter',
      { code: 'P2010', meta: { driverAdapterError: { cause: { kind: 'ConnectionClosed' } } } },
    ],
    ['a code that the adapter translated', { cause: { kind: 'postgres', originalCode: '57P01' } }],
    ['a server that ends the session for a reason of its own', { code: 'XX000', severity: 'FATAL' }],
    ['a server that ends all sessions', { code: 'XX001', severity: 'PANIC' }],
    ['a name with two addresses', new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')])],
  ])('in the shape of %s', (_, error) => expect(isUnreachable(error)).toBe(true));

  test.each([
    ['a statement that is wrong', { code: '42601', severity: 'ERROR', message: 'syntax error' }],
    ['a right that is missing', { code: '42501', severity: 'ERROR' }],
    ['something that exists already', { code: 'P2002' }],
    ['something that is not there', { code: 'P2025' }],
    ['a deadlock', { code: '40P01', severity: 'ERROR' }],
    ['a bug in the server, which goes on', { code: 'XX000', severity: 'ERROR' }],
    ['a file that is not there', withCode('ENOENT')],
    ['a bug of our own', new TypeError('Cannot read properties of undefined')],
    ['a list of other errors', new AggregateError([new Error('one'), withCode('EACCES')])],
    ['words and nothing else', 'Connection terminated'],
    ['nothing', null],
  ])('and no other is: %s', (_, error) => expect(isUnreachable(error)).toBe(false));

  test('An error that is its own cause has an end', () => {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(isUnreachable(loop)).toBe(false);
  });
});
