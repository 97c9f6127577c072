import { refuse } from '#lib/core';
import { isSql, type Operation, type SqlOperation } from '#lib/targets';

/** Statements whose rights and effects EXPLAIN and the row counters can show. */
const ALLOWED = ['select', 'with', 'values', 'table', 'insert', 'update', 'delete', 'merge'];

const BLANK = /^(?:\s+|--[^\n]*(?:\n|$)|\()/;

/** Past blanks, comments (they nest) and opening parentheses. */
function start(sql: string): string {
  let rest = sql;
  for (;;) {
    const blank = BLANK.exec(rest)?.[0].length ?? (rest.startsWith('/*') ? commentLength(rest) : 0);
    if (blank === 0) return rest;
    rest = rest.slice(blank);
  }
}

function commentLength(text: string): number {
  let depth = 0;
  for (const match of text.matchAll(/\/\*|\*\//g)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return match.index + 2;
  }
  return text.length;
}

/**
 * Throws `invalid_request` for what cannot be an exact operation. Only a first
 * look, for a clear sentence: what counts is that the role has no other right and
 * that the extended protocol takes a single statement.
 */
export function checkStatement(sql: string): void {
  if (sql.includes('\0')) refuse('invalid_request', 'SQL cannot hold a NUL character.');
  const keyword = /^[a-z]+/i.exec(start(sql))?.[0].toLowerCase() ?? '';
  if (ALLOWED.includes(keyword)) return;
  if (keyword === 'truncate')
    refuse(
      'invalid_request',
      'TRUNCATE cannot be counted or tried, so it cannot be an exact operation. Send a DELETE, or ask for the verb truncate without an operation.',
    );
  refuse('invalid_request', 'An exact operation is one SELECT, INSERT, UPDATE, DELETE or MERGE.');
}

/** The statement of an operation that is one, looked at first. */
export function sqlOnly(operation: Operation): SqlOperation {
  if (!isSql(operation)) return refuse('invalid_request', 'A database runs one SQL statement.');
  checkStatement(operation.sql);
  return operation;
}
