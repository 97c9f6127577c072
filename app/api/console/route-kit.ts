import { z } from 'zod';
import { web } from '#lib/console';
import { refuse } from '#lib/core';
import { readBody } from '#lib/http/rest';
import { problemResponse, requestIdOf } from '#lib/http/wire';
import type { Viewer } from '#lib/views';
import { currentViewer } from '../../session';

/*
 * What every console route does before and after its one sentence: the page
 * that calls is ours, the person is signed in, the body is what it should be;
 * and whatever goes wrong is answered as a problem. Roles are the services'.
 */

/** Next.js gives no params at all where the path has none. */
interface Context {
  readonly params: Promise<{ readonly id?: string } | undefined>;
}

interface Call<Body> {
  readonly viewer: Viewer;
  readonly body: Body;
  /** The `[id]` of the path; empty where the path has none. */
  readonly id: string;
}

interface Rules<B extends z.ZodType> {
  readonly body?: B;
  readonly status?: number;
}

type Handler = (request: Request, context: Context) => Promise<Response>;

/** A route that changes something: from our own pages, signed in, JSON in (or nothing, where it takes nothing), JSON out. */
export function consoleRoute<B extends z.ZodType = z.ZodUndefined>(
  rules: Rules<B>,
  act: (call: Call<z.output<B>>) => Promise<unknown>,
): Handler {
  return answering(async (request, context) => {
    refuseForeignOrigin(request);
    const viewer = await signedIn();
    const body = await bodyOf(request, rules.body);
    const { id = '' } = (await context.params) ?? {};
    const result = await act({ viewer, body, id });
    return Response.json(result, { status: rules.status ?? 200, headers: { 'cache-control': 'no-store' } });
  });
}

/** A route that takes no body gets none, or an empty object: anything else was meant for another one. */
async function bodyOf<B extends z.ZodType>(request: Request, schema: B | undefined): Promise<z.output<B>> {
  if (schema !== undefined) return readBody(request, schema);
  if (request.headers.has('content-type')) await readBody(request, z.strictObject({}));
  return undefined as z.output<B>;
}

/** Runs a handler; whatever it throws becomes a problem under a request id that the log also has. */
export function answering<R extends Request, C>(handle: (request: R, context: C) => Promise<Response>) {
  return async (request: R, context: C): Promise<Response> => {
    try {
      return await handle(request, context);
    } catch (error) {
      return problemResponse(error, requestIdOf(request.headers));
    }
  };
}

/** Who calls. Throws `unauthenticated` where nobody is signed in. */
export const signedIn = async (): Promise<Viewer> =>
  (await currentViewer()) ?? refuse('unauthenticated', 'You are signed out. Sign in again.');

/** Browsers say where a request comes from and scripts cannot change it: another site's form or page ends here. */
export function refuseForeignOrigin(request: Request): void {
  if (request.headers.get('origin') !== web().env.webOrigin)
    refuse('forbidden', 'This call must come from the console’s own pages.');
}
