import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Shows the document and nothing more: no call is made from this page, since a
 * token does not belong into one, and nobody else's validator is asked.
 */
const START = `const nothing = () => () => null;
SwaggerUIBundle({
  url: '/api/openapi.json', dom_id: '#reference', validatorUrl: null, supportedSubmitMethods: [],
  deepLinking: true, defaultModelsExpandDepth: 0,
  plugins: [{ wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing } }],
});
`;

const PACKAGE = join(process.cwd(), 'node_modules', 'swagger-ui-dist');

/** The only files there are; the path never comes from the caller. */
const ASSETS: ReadonlyMap<string, { readonly type: string; readonly read: () => Promise<Uint8Array | string> }> =
  new Map([
    ['start.js', { type: 'text/javascript', read: async () => START }],
    ['swagger-ui-bundle.js', { type: 'text/javascript', read: () => readFile(join(PACKAGE, 'swagger-ui-bundle.js')) }],
    ['swagger-ui.css', { type: 'text/css', read: () => readFile(join(PACKAGE, 'swagger-ui.css')) }],
    ['favicon-32x32.png', { type: 'image/png', read: () => readFile(join(PACKAGE, 'favicon-32x32.png')) }],
  ]);

export async function GET(_request: Request, { params }: { params: Promise<{ asset: string }> }): Promise<Response> {
  const asset = ASSETS.get((await params).asset);
  if (asset === undefined)
    return new Response('Not found.', { status: 404, headers: { 'content-type': 'text/plain' } });
  return new Response(Buffer.from(await asset.read()), {
    headers: {
      'content-type': `${asset.type}; charset=utf-8`,
      'cache-control': 'public, max-age=3600',
    },
  });
}
