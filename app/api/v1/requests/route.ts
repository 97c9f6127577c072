import { FileRequest } from '#lib/filing';
import { fileOwnRequest, listOwnRequests, PageQuery } from '#lib/http/rest';
import { agentRoute } from '../agent-route';

export const GET = agentRoute({ query: PageQuery }, listOwnRequests);
export const POST = agentRoute({ body: FileRequest, bucket: 'filings' }, fileOwnRequest);
