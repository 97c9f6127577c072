import { DomainError } from '#lib/core';
import type { PostgresConfig } from '#lib/targets';
import { visible } from '#lib/text';

/** SQLSTATE, or Node's code for what happened on the way there. */
export const codeOf = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

const isSqlState = (code: string | undefined): code is string =>
  code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);

/** Connection lost, too many clients, shutting down: nothing was said about the thing itself. */
const unreachable = (code: string | undefined): boolean => !isSqlState(code) || /^(08|53|57P0)/.test(code);

/** What the database said, safe to show: one line, nothing hidden in it. */
export const said = (error: unknown): string =>
  visible(error instanceof Error ? error.message : String(error)).slice(0, 300);

/** A driver's error as ours. Secrets are cut out of the cause too: causes reach the log. */
export function targetError(error: unknown, config: PostgresConfig, secrets: readonly string[]): DomainError {
  if (error instanceof DomainError) return error;
  const code = codeOf(error);
  const words = strip(said(error), secrets);
  const cause = new Error(`${code ?? 'no code'}: ${words}`);
  const where = `${config.host}:${config.port}`;
  if (unreachable(code))
    return new DomainError(
      'target_unreachable',
      `The database of ${config.name} at ${where} cannot be reached: ${words}.`,
      { cause },
    );
  if (code === '28P01' || code === '28000')
    return new DomainError('target_refused', `The database of ${config.name} refuses the login of ${config.user}.`, {
      cause,
    });
  return new DomainError('target_refused', `The database of ${config.name} refused: ${words} (SQLSTATE ${code}).`, {
    cause,
  });
}

const strip = (text: string, secrets: readonly string[]): string =>
  secrets.filter((secret) => secret !== '').reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
