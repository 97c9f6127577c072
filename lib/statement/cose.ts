/*
 * The one form that a new key has for each algorithm. `fido-u2f` signs two
 * coordinates and `android-key` a certificate's key, not the COSE map around them,
 * and the WebAuthn library compares labels -2 and -3 without a look at the key
 * type: an RSA map that spreads a proven key's coordinates over them would pass,
 * and its private half would be a file (T89).
 */

const [KTY, ALG, CRV, X, Y] = [1, 3, -1, -2, -3];
const [N, E] = [-1, -2];

type Field = (value: unknown) => boolean;

const is =
  (wanted: number): Field =>
  (value) =>
    value === wanted;
const bytes =
  (least: number, most: number): Field =>
  (value) =>
    value instanceof Uint8Array && value.length >= least && value.length <= most;
const isCommonExponent: Field = (value) => value instanceof Uint8Array && Buffer.from(value).equals(EXPONENT);
const EXPONENT = Buffer.from([1, 0, 1]);

const form = (...fields: ReadonlyArray<readonly [label: number, field: Field]>) => new Map(fields);

/** RFC 9053 §7, RFC 8230 §4, by algorithm. */
const FORMS: ReadonlyMap<unknown, ReadonlyMap<number, Field>> = new Map([
  [-7, form([KTY, is(2)], [ALG, is(-7)], [CRV, is(1)], [X, bytes(32, 32)], [Y, bytes(32, 32)])],
  [-8, form([KTY, is(1)], [ALG, is(-8)], [CRV, is(6)], [X, bytes(32, 32)])],
  [-257, form([KTY, is(3)], [ALG, is(-257)], [N, bytes(256, 512)], [E, isCommonExponent])],
]);

/** Formats whose keys are on P-256 alone. */
const ONLY_P256: readonly string[] = ['fido-u2f', 'apple', 'android-key'];

/** Whether this is a key for signatures that are taken here, in its one form, and of a kind that this attestation format has. */
export function isKeyOf(format: string, key: unknown): boolean {
  if (!(key instanceof Map)) return false;
  const fields = FORMS.get(key.get(ALG));
  if (fields === undefined || key.size !== fields.size) return false;
  if (ONLY_P256.includes(format) && key.get(ALG) !== -7) return false;
  return [...fields].every(([label, field]) => field(key.get(label)));
}
