import { revokeGrant } from '#lib/console';
import { consoleRoute } from '../../../route-kit';

export const POST = consoleRoute({}, ({ viewer, id }) => revokeGrant(viewer, id));
