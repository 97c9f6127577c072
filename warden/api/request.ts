import type { IncomingMessage } from 'node:http';
import { type Json, parseStrictJson, refuse } from '#lib/core';
import { readBytes, textOf } from '#lib/http/wire';
import type { Results } from '#warden/issuer';
import type { Warden } from '../context';
import type { ApiDocument } from './document';

/** What the agents' API works with. */
export interface AgentApi extends Warden {
  readonly results: Results;
  readonly document: ApiDocument;
}

/** One call, read to its end and not yet believed. */
export interface Call {
  readonly method: string;
  /** Path alone; none of our routes takes a query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const MAX_BODY_BYTES = 16_384;

/** Reads the whole body, or throws `body_too_large` at the first byte past the limit (T49, T68). */
export async function readBody(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    refuse('unsupported_media_type', 'Send the body without Content-Encoding.');
  return textOf(await readBytes(request, MAX_BODY_BYTES)) ?? refuse('invalid_json', 'The body is not UTF-8.');
}

/** Where nothing is to be said: no body, or an empty JSON object. */
export function refuseBody(call: Call): void {
  if (call.body === '') return;
  const value = jsonOf(call);
  if (value === null || typeof value !== 'object' || Array.isArray(value) || Object.keys(value).length > 0) {
    refuse('invalid_request', 'This call takes no body.');
  }
}

/** Text fields of a form (RFC 7662, RFC 7009) or of a JSON object; each at most once. */
export function fieldsOf(call: Call): ReadonlyMap<string, string> {
  return mediaType(call) === 'application/x-www-form-urlencoded' ? formFields(call.body) : jsonFields(jsonOf(call));
}

function formFields(body: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) refuse('invalid_request', 'A field of the form is there twice.');
    fields.set(name, value);
  }
  return fields;
}

function jsonFields(value: Json): Map<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refuse('invalid_request', 'Send a JSON object.');
  return new Map(
    Object.entries(value).map(([name, field]) => {
      if (typeof field !== 'string')
        return refuse('invalid_request', 'Every field is a string.', {
          errors: [{ pointer: `/${name}`, detail: 'A string.' }],
        });
      return [name, field];
    }),
  );
}

function jsonOf(call: Call): Json {
  if (mediaType(call) !== 'application/json') refuse('unsupported_media_type', 'Send application/json.');
  return parseStrictJson(call.body);
}

const mediaType = (call: Call): string =>
  (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
