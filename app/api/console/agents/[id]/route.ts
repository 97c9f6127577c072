import { deleteAgent, noteAgent } from '#lib/console';
import { AgentNote } from '#lib/identity';
import { consoleRoute } from '../../route-kit';

export const PATCH = consoleRoute({ body: AgentNote }, ({ viewer, id, body }) => noteAgent(viewer, id, body));
export const DELETE = consoleRoute({}, ({ viewer, id }) => deleteAgent(viewer, id));
