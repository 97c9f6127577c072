import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';
import { web } from '#lib/console';
import { openSession } from '#lib/identity';
import type { Viewer } from '#lib/views';
import { sessionIdOf } from './api/auth/options';

/** Who is signed in, by the sessions row and the database's clock; asked once a request. Null: nobody. */
export const currentViewer = cache(async (): Promise<Viewer | null> => {
  const sessionId = await sessionIdOf();
  if (sessionId === null) return null;
  // The browser says that nobody is at the page: drawing it anew does not keep the session alive.
  const touch = !(await cookies()).has('cs_away');
  return openSession(web().db, sessionId, { touch });
});

/** Who is signed in; nobody is sent to sign in. Every page calls it first (T60). */
export async function requireViewer(): Promise<Viewer> {
  return (await currentViewer()) ?? redirect('/sign-in');
}
