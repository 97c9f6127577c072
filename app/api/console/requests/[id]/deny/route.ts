import { Denial, denyRequest } from '#lib/console';
import { consoleRoute } from '../../../route-kit';

export const POST = consoleRoute({ body: Denial }, ({ viewer, id, body }) => denyRequest(viewer, id, body));
