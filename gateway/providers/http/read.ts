import { classifyHttp } from '#gateway/classify';
import type { TimedRead } from '#gateway/resolve';
import { type Json, parseStrictJson, refuse } from '#lib/core';
import type { HttpOperation } from '#lib/targets';
import type { ProviderContext } from './context';

const MOST_BYTES = 4 * 1024 * 1024;

/** Reads with the provider's secret, and only what the profile itself calls safe: a look must never change anything. */
export const reader =
  ({ profile, upstream }: ProviderContext): TimedRead =>
  async (template, variables, seconds) => {
    const call = { method: 'GET', target: filled(template, variables), headers: new Map<string, string>() };
    const { class: klass, operation } = classifyHttp({ profile, opens: [], closes: [], call });
    if (klass !== 'safe') refuse('internal', 'A profile looks things up with a call that is not safe.');
    const answer = await upstream.call({ operation: operation as HttpOperation }, { maxBytes: MOST_BYTES, seconds });
    if (answer.status !== 200 || answer.truncated) refuse('target_refused', `It answered HTTP ${answer.status}.`);
    return parseStrictJson(answer.body);
  };

/** Each value is one segment, or one value of the query: nothing in it leads elsewhere. */
function filled(template: string, variables: { readonly [name: string]: Json }): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : null;
    if (typeof value !== 'string' && typeof value !== 'number')
      return refuse('target_refused', 'There is no value to look up.');
    if (/^\.*$/.test(String(value))) return refuse('target_refused', 'The value is no name.');
    return encodeURIComponent(value);
  });
}
