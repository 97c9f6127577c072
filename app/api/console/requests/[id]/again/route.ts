import { askAgain } from '#lib/console';
import { consoleRoute } from '../../../route-kit';

export const POST = consoleRoute({ status: 201 }, ({ viewer, id }) => askAgain(viewer, id));
