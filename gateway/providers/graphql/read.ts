import { classifyGraphql } from '#gateway/classify';
import type { TimedRead } from '#gateway/resolve';
import { type Json, parseStrictJson, refuse } from '#lib/core';
import { type ProviderContext, schemaOf } from './context';

const MOST_BYTES = 4 * 1024 * 1024;

/** Reads with the provider's secret, and only what the profile itself calls safe: a look must never change anything. */
export const reader = (context: ProviderContext): TimedRead => {
  const { profile, upstream } = context;
  return async (query, variables, seconds) => {
    const call = { query, operationName: null, variables };
    const { class: klass, operation } = classifyGraphql({
      profile,
      opens: [],
      closes: [],
      schema: schemaOf(context),
      call,
    });
    if (klass !== 'safe') refuse('internal', 'A profile looks things up with an operation that is not safe.');
    const answer = await upstream.call({ operation }, { maxBytes: MOST_BYTES, seconds });
    return dataOf(answer);
  };
};

/** Reads an answer's data. Throws where it has errors: a partial answer must not pass for a complete one. */
export function dataOf(answer: { readonly status: number; readonly body: string; readonly truncated: boolean }): Json {
  if (answer.status !== 200 || answer.truncated) return refuse('target_refused', `It answered HTTP ${answer.status}.`);
  // A provider's whole schema has more values than a caller may send; whoever asked has bounded the bytes.
  const body = parseStrictJson(answer.body, answer.body.length);
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    return refuse('target_refused', 'It did not answer in GraphQL.');
  const { data, errors } = body as { readonly data?: Json; readonly errors?: Json };
  if (data === undefined || data === null || (errors !== undefined && errors !== null && !isEmpty(errors)))
    return refuse('target_refused', 'It answered with an error.', { cause: errors });
  return data;
}

const isEmpty = (errors: Json): boolean => Array.isArray(errors) && errors.length === 0;
