import { enableAgent } from '#lib/console';
import { consoleRoute } from '../../../route-kit';

export const POST = consoleRoute({}, ({ viewer, id }) => enableAgent(viewer, id));
