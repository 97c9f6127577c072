import { web } from '#lib/console';
import { agentRoutes } from '#lib/http';

/** A route for agents, over this process's database. */
export const agentRoute = agentRoutes(web);
