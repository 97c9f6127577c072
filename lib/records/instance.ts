import { z } from 'zod';
import { Instant } from './fields';

/** By the gateway key: a copy of the gateway, and the key it signs results with. */
export const InstanceCertificate = z.strictObject({
  id: z.string().regex(/^gwi_[0-9a-z]{20}$/),
  jwk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
  issuedAt: Instant,
});
export type InstanceCertificate = z.infer<typeof InstanceCertificate>;
