import { changeAgent, deleteAgent } from '#lib/console';
import { AgentEdit } from '#lib/identity';
import { consoleRoute } from '../../route-kit';

export const PATCH = consoleRoute({ body: AgentEdit }, ({ viewer, id, body }) => changeAgent(viewer, id, body));
export const DELETE = consoleRoute({}, ({ viewer, id }) => deleteAgent(viewer, id));
