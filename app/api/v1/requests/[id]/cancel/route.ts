import { cancelOwnRequest } from '#lib/http';
import { agentRoute } from '../../../agent-route';

export const POST = agentRoute({}, cancelOwnRequest);
