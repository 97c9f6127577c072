import type { NextRequest } from 'next/server';
import { refuse } from '#lib/core';
import { authenticate } from '../../../session/next-auth';
import { answering, refuseForeignOrigin } from '../../console/route-kit';

/** Of what next-auth can do, what sign-in needs. Its session, sign-out and log actions are not ours. */
const READS: ReadonlySet<string> = new Set(['csrf', 'providers', 'signin', 'error', 'callback/oidc']);
const WRITES: ReadonlySet<string> = new Set(['signin/oidc', 'callback/key']);

/** next-auth reads a form whole. An assertion has some 2 kB; a browser always says how much it sends. */
const MOST_BYTES = 32_768;

function refuseLargeForm({ headers }: NextRequest): void {
  const size = Number(headers.get('content-length') ?? Number.NaN);
  if (!(size <= MOST_BYTES))
    refuse('body_too_large', `The form may have ${MOST_BYTES} bytes, and says how many it has.`);
}

interface Context {
  readonly params: Promise<{ nextauth: string[] }>;
}

async function onlyWithin(allowed: ReadonlySet<string>, request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  return allowed.has(nextauth.join('/'))
    ? authenticate(request, context)
    : refuse('not_found', 'There is nothing here.');
}

export const GET = answering((request: NextRequest, context: Context) => onlyWithin(READS, request, context));

export const POST = answering(async (request: NextRequest, context: Context) => {
  refuseForeignOrigin(request);
  refuseLargeForm(request);
  return onlyWithin(WRITES, request, context);
});
