import { openApiDocument } from '#lib/http/openapi';

/* Built and run by agent-document.ts. The warden puts its own origin in place of this one. */
process.stdout.write(JSON.stringify(openApiDocument('agent', 'http://localhost:3300')));
