import { listOwnGrants, PageQuery } from '#lib/http/rest';
import { agentRoute } from '../agent-route';

export const GET = agentRoute({ query: PageQuery }, listOwnGrants);
