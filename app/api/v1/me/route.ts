import { readSelf } from '#lib/http';
import { agentRoute } from '../agent-route';

export const GET = agentRoute({}, readSelf);
