/** What stands before every token of ours, in this order: its base64url is the one spelling of it (RFC 9068 §2.1). */
export const protectedHeader = (kid: string): { alg: 'ES256'; typ: 'at+jwt'; kid: string } => ({
  alg: 'ES256',
  typ: 'at+jwt',
  kid,
});
