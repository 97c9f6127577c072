import { redirect } from 'next/navigation';
import { cache } from 'react';
import { web } from '#lib/console';
import { openSession } from '#lib/identity';
import type { Viewer } from '#lib/views';
import { sessionIdOf } from './api/auth/options';

/** Who is signed in, by the sessions row and the database's clock; asked once a request. Null: nobody. */
export const currentViewer = cache(async (): Promise<Viewer | null> => {
  const sessionId = await sessionIdOf();
  return sessionId === null ? null : openSession(web().db, sessionId);
});

/** Who is signed in; nobody is sent to sign in. Every page calls it first (T60). */
export async function requireViewer(): Promise<Viewer> {
  return (await currentViewer()) ?? redirect('/sign-in');
}
