import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { web } from '#lib/console';
import { openSession } from '#lib/identity';
import type { Viewer } from '#lib/views';
import { sessionIdOf } from './cookie';

/** Who is signed in, by the sessions row and the database's clock. Null: nobody. Asking counts as use of the session. */
export const currentViewer = (): Promise<Viewer | null> => viewer(true);

/**
 * Who looks at a page, asked once a request. A page that is drawn anew while,
 * as the browser says, nobody is at it does not keep the session alive.
 */
export const pageViewer = cache(async (): Promise<Viewer | null> => viewer(!(await cookies()).has('cs_away')));

/** Who is signed in; nobody is sent to sign in. Every page calls it first (T60). */
export async function requireViewer(): Promise<Viewer> {
  return (await pageViewer()) ?? redirect('/sign-in');
}

async function viewer(touch: boolean): Promise<Viewer | null> {
  const sessionId = await sessionIdOf();
  return sessionId === null ? null : openSession(web().db, sessionId, { touch });
}
