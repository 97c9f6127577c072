import { endOwnSession } from '#lib/console';
import { forgetSession } from '../../../session';
import { consoleRoute } from '../route-kit';

export const POST = consoleRoute({}, async ({ viewer }) => {
  const ended = await endOwnSession(viewer, viewer.sessionId);
  await forgetSession();
  return ended;
});
