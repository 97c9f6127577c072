import { returnOwnGrant } from '#lib/http';
import { agentRoute } from '../../../agent-route';

export const POST = agentRoute({}, returnOwnGrant);
