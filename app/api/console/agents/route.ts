import { newAgent } from '#lib/console';
import { NewAgent } from '#lib/identity';
import { consoleRoute } from '../route-kit';

export const POST = consoleRoute({ body: NewAgent, status: 201 }, ({ viewer, body }) => newAgent(viewer, body));
