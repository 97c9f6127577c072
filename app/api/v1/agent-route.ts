import { web } from '#lib/console';
import { agentRoutes } from '#lib/http/rest';

/** A route for agents, over this process's database. */
export const agentRoute = agentRoutes(web);
