// Your service, with a stock library: does this token allow this action on this resource?
import { createRemoteJWKSet, jwtVerify } from 'jose';

const [issuer, audience, token, action, resource] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer));

const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt', algorithms: ['ES256'] });
const allowed = payload.authorization_details.some(
  (detail) => detail.type === 'countersign' && detail.actions.includes(action) && detail.resources.includes(resource),
);
if (!allowed) throw new Error(`The token of ${payload.sub} does not allow ${action} on ${resource}.`);

// Revoked tokens verify until they expire. To see a revocation at once, also ask POST {issuer}/v1/introspect.
// Where payload.cnf is set, demand a DPoP proof (RFC 9449) made with the key it names.
// biome-ignore lint/suspicious/noConsole: an example shows its answer
console.log(`${payload.sub} may ${action} ${resource} until ${new Date(payload.exp * 1000).toISOString()}`);
