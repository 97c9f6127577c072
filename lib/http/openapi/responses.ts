import type { ResponseConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { ErrorCode } from '#lib/core';
import { ProblemResource } from '#lib/http/rest';
import { PROBLEMS } from '#lib/http/wire';
import type { Endpoint, Examples } from './endpoint';
import { ElevationRequired } from './gateway-schemas';

/** What a call that went well answers. */
export function success({
  status = 200,
  answer,
  answerType = 'application/json',
  answerExamples,
  answerHeaders,
  headers,
}: Endpoint): Record<string, ResponseConfig> {
  const conditional = headers !== undefined && 'If-None-Match' in headers.shape;
  return {
    [status]: {
      description: status === 201 ? 'Filed. Location says where.' : 'Done.',
      ...(answer === undefined ? {} : { content: contentOf([answerType], answer, answerExamples) }),
      ...withHeaders(answerHeaders),
    },
    ...(conditional ? { 304: { description: 'It is still what you have.' } } : {}),
  };
}

/** One response a status, naming the codes it can carry. */
export function problems({
  problems: own,
  open = false,
  problemHeaders,
  proofHeaders,
}: Endpoint): Record<string, ResponseConfig> {
  const byStatus = grouped(open ? own : ['unauthenticated', ...own, 'rate_limited', 'unavailable']);
  const headersOf = (status: number) => (status === 401 && proofHeaders !== undefined ? proofHeaders : problemHeaders);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: schemaOf(same) } },
        ...withHeaders(headersOf(status)),
      },
    ]),
  );
}

/** The same body under each of its media types. */
export const contentOf = (types: readonly string[], schema: z.ZodType, examples: Examples | undefined) =>
  Object.fromEntries(
    types.map((type) => [type, { schema, ...(examples === undefined ? {} : { examples: { ...examples } }) }]),
  );

const withHeaders = (headers: z.ZodObject | undefined) => (headers === undefined ? {} : { headers });

/** A refusal that says how to ask says more than a problem. */
const schemaOf = (codes: readonly ErrorCode[]): z.ZodType =>
  codes.includes('elevation_required') ? z.union([ElevationRequired, ProblemResource]) : ProblemResource;

function grouped(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
