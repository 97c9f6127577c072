import { returnOwnGrant } from '#lib/http/rest';
import { agentRoute } from '../../../agent-route';

export const POST = agentRoute({}, returnOwnGrant);
