import { type Classification, classifyHttp } from '#gateway/classify';
import { refuseOtherScope } from '#gateway/resolve';
import { type FieldError, refuse } from '#lib/core';
import { type Ask, type HttpOperation, isHttp } from '#lib/targets';
import type { ProviderContext } from './context';

/** The call of an ask, in the words it will be sent in. */
export interface Exact {
  readonly operation: HttpOperation;
  readonly classification: Classification;
}

/**
 * Classifies what is asked for exactly. Throws `invalid_request`, saying what to
 * send, where it is not what would be run, word for word: what is classified, what
 * is signed and what is sent are one text.
 */
export function classifyAsk({ profile, config }: ProviderContext, ask: Ask): Exact {
  const { operation } = ask;
  if (operation === null || !isHttp(operation))
    return refuse('invalid_request', 'Send the call as { method, path, contentType, body }.');
  const { opens, closes } = config;
  const { method, path, contentType } = operation;
  const headers = new Map(contentType === undefined ? [] : [['content-type', contentType]]);
  const classification = classifyHttp({ profile, opens, closes, call: { method, target: path, headers } });
  refuseOtherWords(operation, classification);
  refuseOtherScope(ask, classification);
  return { operation, classification };
}

function refuseOtherWords(asked: HttpOperation, { operation: sent }: Classification): void {
  const words = 'method' in sent ? sent : asked;
  const errors = (['method', 'path'] as const).flatMap((field): FieldError[] =>
    words[field] === asked[field] ? [] : [{ pointer: `/operation/${field}`, detail: `Send ${words[field]}.` }],
  );
  if (errors.length > 0)
    refuse('invalid_request', 'The call would be sent in other words than it was filed in.', { errors });
}
