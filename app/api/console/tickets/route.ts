import { ticketFor } from '#lib/console';
import { TicketAsk } from '#lib/identity';
import { consoleRoute } from '../route-kit';

export const POST = consoleRoute({ body: TicketAsk, status: 201 }, ({ viewer, body }) => ticketFor(viewer, body));
