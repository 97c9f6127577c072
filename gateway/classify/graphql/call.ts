import { DomainError, type Json, parseStrictJson, refuse } from '#lib/core';

/** A GraphQL call as it came, read strictly and not classified yet. */
export interface GraphqlCall {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: { readonly [name: string]: Json };
}

/** Where a call named a stored query instead of sending one: clients that know the code send it whole. */
export const PERSISTED_QUERY_NOT_SUPPORTED = 'PERSISTED_QUERY_NOT_SUPPORTED';

const persisted = (): never =>
  refuse('invalid_request', 'Persisted queries are not known here. Send the whole query.', {
    cause: new Error(PERSISTED_QUERY_NOT_SUPPORTED),
  });

/** Whether an error is the one above. */
export const isPersistedQuery = (error: unknown): boolean =>
  error instanceof DomainError && error.cause instanceof Error && error.cause.message === PERSISTED_QUERY_NOT_SUPPORTED;

/** What of an HTTP call makes it the GraphQL call it is. */
export interface CallParts {
  readonly method: string;
  readonly contentType: string;
  /** The query string of the address, with its question mark. */
  readonly search: string;
  readonly body: string;
}

const JSON_TYPES = ['application/json', 'application/graphql+json'];

/** Reads a GraphQL call over HTTP, one way and no other: what can be read two ways is not passed unread (T48). */
export function readGraphqlCall(parts: CallParts): GraphqlCall {
  const { method, contentType, search, body } = parts;
  if (method !== 'POST')
    refuse('invalid_request', 'Send GraphQL as a POST with a JSON body. Other methods are not read here.');
  if (search !== '')
    refuse('invalid_request', 'Send nothing in the address: query and variables go into the JSON body.');
  if (!isJson(contentType))
    refuse('unsupported_media_type', 'Send application/json. Forms, uploads and multipart requests are not read here.');
  return callIn(parseStrictJson(body));
}

function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  return JSON_TYPES.includes(type.trim()) && parameters.every((one) => /^ *charset *= *"?utf-?8"? *$/.test(one));
}

const PERSISTED = ['id', 'documentId', 'doc_id', 'queryId', 'hash'];

function callIn(value: Json): GraphqlCall {
  if (Array.isArray(value))
    return refuse('invalid_request', 'Batches are not read here. Send one operation at a time.');
  if (!isObject(value)) return refuse('invalid_request', 'Send a JSON object with a query.');
  const { query, operationName = null, variables = null, extensions = null, ...rest } = value;
  if (isObject(extensions) && 'persistedQuery' in extensions) persisted();
  if (query === undefined && PERSISTED.some((name) => name in rest)) persisted();
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    refuse('invalid_request', `The member ${JSON.stringify(unknown.slice(0, 40))} is not known here.`);
  if (typeof query !== 'string' || query === '') return refuse('invalid_request', 'query must be a text.');
  if (operationName !== null && typeof operationName !== 'string')
    return refuse('invalid_request', 'operationName must be a text or null.');
  if (variables !== null && !isObject(variables))
    return refuse('invalid_request', 'variables must be an object or null.');
  if (extensions !== null && !(isObject(extensions) && Object.keys(extensions).length === 0))
    return refuse('invalid_request', 'extensions are not read here. Leave them out.');
  return { query, operationName: operationName === '' ? null : operationName, variables: variables ?? {} };
}

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
