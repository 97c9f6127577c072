import { listOwnGrants, PageQuery } from '#lib/http';
import { agentRoute } from '../agent-route';

export const GET = agentRoute({ query: PageQuery }, listOwnGrants);
