import type { z } from 'zod';
import type { ErrorCode } from '#lib/core';

/** Whose origin a call is at: web’s, the warden’s for agents, the gateway’s. */
export type ApiServer = 'web' | 'agent' | 'gateway';

export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Each under its name. */
export type Examples = Readonly<Record<string, Example>>;

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
  /** Of the body. */
  readonly examples?: Examples;
  /** `application/json` alone unless said. */
  readonly bodyTypes?: readonly string[];
  /** Unless said. */
  readonly bodyRequired?: boolean;
  readonly status?: number;
  readonly answer?: z.ZodType;
  /** `application/json` unless said. */
  readonly answerType?: string;
  readonly answerExamples?: Examples;
  readonly answerHeaders?: z.ZodObject;
  /** On every problem; on a 401, `proofHeaders` instead. */
  readonly problemHeaders?: z.ZodObject;
  readonly proofHeaders?: z.ZodObject;
  /** Beside those of every call that takes a token: `unauthenticated`, `rate_limited`, `unavailable`. */
  readonly problems: readonly ErrorCode[];
  /** No token needed; `problems` are all there are. */
  readonly open?: boolean;
  /** Only for agents with a key. */
  readonly keyed?: boolean;
  /** A service may call it with its own token too. */
  readonly forServices?: boolean;
}
