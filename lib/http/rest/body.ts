import type { z } from 'zod';
import { type FieldError, type Json, parseStrictJson, refuse } from '#lib/core';

/** No honest request is larger. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The request's JSON body, in the schema's shape. Throws
 * `unsupported_media_type`, `body_too_large`, `invalid_json` or, with a JSON
 * pointer per fault, `invalid_request`.
 */
export async function readBody<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') refuse('unsupported_media_type', 'Send the body as application/json.');
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') refuse('unsupported_media_type', 'Send the body uncompressed.');
  return parseWith(schema, parseStrictJson(await readText(request)), 'The body is not what this endpoint takes.');
}

/** Reads no further than the limit, whatever the headers promise (T49, T68). */
async function readText(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) refuse('body_too_large', `The body may have ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return refuse('invalid_json', 'The body is not UTF-8.');
  }
}

/** The query in the schema's shape. A parameter given twice is refused: two readers would take different ones (T22). */
export function readQuery<S extends z.ZodType>(url: string, schema: S): z.output<S> {
  const { searchParams } = new URL(url);
  const names = [...searchParams.keys()];
  if (new Set(names).size !== names.length) refuse('invalid_request', 'A query parameter is given twice.');
  return parseWith(schema, Object.fromEntries(searchParams), 'The query is not what this endpoint takes.');
}

/** The value in the schema's shape, or `invalid_request` with a pointer per fault. */
export function parseWith<S extends z.ZodType>(schema: S, value: Json, message: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  return refuse('invalid_request', message, { errors: result.error.issues.flatMap(faults) });
}

/** Nothing the caller sent is quoted back but names of fields. */
function faults(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'invalid_union') return faultsOfNearest(issue);
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'There is no such field.' }));
}

/** Of several shapes a value could have had, the one that it misses by least was meant. */
function faultsOfNearest(issue: z.core.$ZodIssueInvalidUnion): FieldError[] {
  const [nearest] = [...issue.errors].sort((a, b) => a.length - b.length);
  if (nearest === undefined || nearest.length === 0) return [{ pointer: pointerTo(issue.path), detail: issue.message }];
  return nearest.flatMap((one) => faults({ ...one, path: [...issue.path, ...one.path] }));
}

/** RFC 6901. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
