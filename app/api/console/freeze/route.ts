import { FreezeReason, freezeAll } from '#lib/console';
import { consoleRoute } from '../route-kit';

export const POST = consoleRoute({ body: FreezeReason, status: 201 }, ({ viewer, body }) => freezeAll(viewer, body));
