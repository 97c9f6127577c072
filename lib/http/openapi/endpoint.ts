import type { z } from 'zod';
import type { ErrorCode } from '#lib/core';

/** Whose origin a call is at: web’s, the warden’s for agents, the gateway’s. */
export type ApiServer = 'web' | 'agent' | 'gateway';

/** One documented call. */
export interface Endpoint {
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly server: ApiServer;
  readonly summary: string;
  readonly description?: string;
  readonly headers?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of the body, each under its name. */
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;
  /** `application/json` unless said. */
  readonly bodyType?: string;
  /** Unless said. */
  readonly bodyRequired?: boolean;
  readonly status?: number;
  readonly answer?: z.ZodType;
  /** `application/json` unless said. */
  readonly answerType?: string;
  readonly answerHeaders?: z.ZodObject;
  /** On every problem; on a 401, `proofHeaders` instead. */
  readonly problemHeaders?: z.ZodObject;
  readonly proofHeaders?: z.ZodObject;
  readonly problems: readonly ErrorCode[];
  /** No token needed. */
  readonly open?: boolean;
}
