import pino, { type Logger } from 'pino';

/** What must never be readable in a log, wherever in a line it stands (T35): our tokens, credentials in URLs and headers. */
const SECRETS: ReadonlyArray<readonly [pattern: RegExp, shown: string]> = [
  [/\bcs_(ask|col|svc)_[0-9A-Za-z]+/g, 'cs_$1_[redacted]'],
  [/\b(Bearer|DPoP|Basic) +[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s@"]+@/gi, '$1:[redacted]@'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[redacted token]'],
];

/** Fields that hold secrets by their name. */
const FIELDS = ['authorization', 'cookie', 'token', 'password', 'secret', 'sealed', 'credential', 'connectionString'];

/** The text with every secret of a known shape blanked. */
export const scrub = (text: string): string =>
  SECRETS.reduce((scrubbed, [pattern, shown]) => scrubbed.replace(pattern, shown), text);

/** A log of JSON lines on standard error, without secrets. `name` is the process. */
export function createLog(name: string): Logger {
  return pino(
    {
      name,
      level: 'info',
      base: { name },
      redact: { paths: FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
      serializers: { cause: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: scrub },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** The log of whatever process this is, for what happens behind an answer. */
export const log: Logger = createLog('countersign');
