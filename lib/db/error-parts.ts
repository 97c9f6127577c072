/** What an error says of itself, whoever made it. */
export interface ErrorFields {
  readonly [field: string]: unknown;
}

/** Deep enough for Prisma over its adapter over the driver over a list of addresses. */
const DEEPEST = 8;

/** Whether an error says so, or one that it wraps. */
export function saysAnywhere(error: unknown, saysSo: (fields: ErrorFields) => boolean, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return false;
  const fields = error as ErrorFields;
  return saysSo(fields) || within(fields).some((inner) => saysAnywhere(inner, saysSo, depth + 1));
}

/** `errors`: one for each address of a name. `meta`: where Prisma keeps what the adapter said. */
function within({ cause, errors, meta }: ErrorFields): readonly unknown[] {
  const adapter = typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta ? [meta] : [];
  const said = adapter.map(({ driverAdapterError }) => driverAdapterError);
  return [cause, ...said, ...(Array.isArray(errors) ? errors : [])];
}
