import { endOwnSession } from '#lib/console';
import { consoleRoute } from '../../route-kit';

export const DELETE = consoleRoute({}, ({ viewer, id }) => endOwnSession(viewer, id));
