import { web } from '#lib/console';
import { signInChallenge } from '#lib/identity';
import { answering, refuseForeignOrigin } from '../../console/route-kit';

/** PublicKeyCredentialRequestOptionsJSON: any discoverable key, its person verified. */
export const POST = answering(async (request) => {
  refuseForeignOrigin(request);
  const { env } = web();
  const options = {
    challenge: signInChallenge(env.sessionSecret),
    rpId: env.rpId,
    userVerification: 'required',
    timeout: 300_000,
    allowCredentials: [],
  };
  return Response.json(options, { headers: { 'cache-control': 'no-store' } });
});
