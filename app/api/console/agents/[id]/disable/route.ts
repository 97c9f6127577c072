import { disableAgent } from '#lib/console';
import { consoleRoute } from '../../../route-kit';

export const POST = consoleRoute({}, ({ viewer, id }) => disableAgent(viewer, id));
