import { readSelf } from '#lib/http/rest';
import { agentRoute } from '../agent-route';

export const GET = agentRoute({}, readSelf);
