import { invitePerson } from '#lib/console';
import { NewInvitation } from '#lib/identity';
import { consoleRoute } from '../route-kit';

export const POST = consoleRoute({ body: NewInvitation, status: 201 }, ({ viewer, body }) =>
  invitePerson(viewer, body),
);
