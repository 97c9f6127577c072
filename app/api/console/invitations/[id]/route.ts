import { withdrawPerson } from '#lib/console';
import { consoleRoute } from '../../route-kit';

export const DELETE = consoleRoute({}, ({ viewer, id }) => withdrawPerson(viewer, id));
