import { newAgentToken } from '#lib/console';
import { consoleRoute } from '../../../route-kit';

export const POST = consoleRoute({}, ({ viewer, id }) => newAgentToken(viewer, id));
