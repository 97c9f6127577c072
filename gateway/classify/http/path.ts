import { refuse } from '#lib/core';

const MAX_PATH = 2_000;

/** RFC 3986 §2.3: the same encoded and not, so there is one spelling: not. */
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/** What may stand in a path as it is: unreserved, sub-delims, ":" and "@"; but not ";", which some servers cut at. */
const PLAIN = /^[A-Za-z0-9._~!$&'()*+,=:@-]$/;

/** And in a query: also "/", "?" and ";". */
const PLAIN_QUERY = /^[A-Za-z0-9._~!$&'()*+,=:@/?;-]$/;

/** A path and query in their one spelling, and the path's segments decoded. */
export interface ReadTarget {
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly segments: readonly string[];
}

/** Nothing in it can be read two ways, and nearly every path is such. Bounded, as all are. */
const UNDOUBTED = /^(?:\/[A-Za-z0-9_-]{1,100}){1,19}$/;

const ambiguous = (): never =>
  refuse(
    'invalid_request',
    'The path can be read in more than one way. Send it plain: no dots, no encoded slashes, no empty parts.',
  );

/**
 * Reads what follows `/t/<target>` in the request line. Whatever two servers
 * might take for two different paths is refused, so that what is classified is what
 * arrives (T50, T54).
 */
export function readTarget(raw: string): ReadTarget {
  if (raw.length > MAX_PATH) refuse('invalid_request', `A path has at most ${MAX_PATH} characters.`);
  if (UNDOUBTED.test(raw)) return { path: raw, query: '', segments: raw.slice(1).split('/') };
  if (!/^\/[\x21-\x7E]*$/.test(raw) || /[#\\"<>^`{|}]/.test(raw)) ambiguous();
  const at = raw.indexOf('?');
  const [path, query] = at === -1 ? [raw, null] : [raw.slice(0, at), raw.slice(at + 1)];
  const parts = path.slice(1).split('/');
  const last = parts.length - 1;
  const spelled = parts.map((part, index) => {
    // A slash at the very end is another path and is kept; an empty part anywhere else is a trick.
    if (part === '' && index !== last) ambiguous();
    return segment(part);
  });
  return {
    path: `/${spelled.map((one) => one.spelled).join('/')}`,
    query: query === null || query === '' ? '' : `?${spell(query, PLAIN_QUERY).spelled}`,
    segments: spelled.map((one) => one.decoded),
  };
}

interface Spelled {
  readonly spelled: string;
  readonly decoded: string;
}

function segment(part: string): Spelled {
  const read = spell(part, PLAIN);
  const { decoded } = read;
  // `．．` and `／` become what they look like where Unicode is normalised.
  const folded = decoded.normalize('NFKC');
  const tricky =
    folded === '.' ||
    folded === '..' ||
    /[/\\]/.test(folded) ||
    /[/\\;?#%]/.test(decoded) ||
    [...decoded].some((char) => char < ' ' || (char >= '\u007f' && char <= '\u009f')) ||
    // Windows and some frameworks cut these off, and ASP.NET takes a session out of wherever it stands: `a(S(x))b` is `ab`.
    /[. ]$|\([A-Za-z]\(.*\)\)/.test(decoded);
  return tricky ? ambiguous() : read;
}

/** Decodes, and writes again in the one way: unreserved plain, the rest in upper-case escapes of valid UTF-8. */
function spell(text: string, plain: RegExp): Spelled {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) ambiguous();
  let spelled = '';
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char !== '%') {
      spelled += plain.test(char) ? char : ambiguous();
      continue;
    }
    const byte = text.slice(index + 1, index + 3).toUpperCase();
    const decoded = String.fromCharCode(Number.parseInt(byte, 16));
    spelled += UNRESERVED.test(decoded) ? decoded : `%${byte}`;
    index += 2;
  }
  try {
    return { spelled, decoded: decodeURIComponent(spelled) };
  } catch {
    return ambiguous();
  }
}

/** Names of the query's parameters, decoded and in lower case. */
export function parameterNames(query: string): string[] {
  return query
    .replace(/^\?/, '')
    .split(/[&;]/)
    .map((pair) => decodeURIComponent((pair.split('=', 1)[0] ?? '').replaceAll('+', ' ')).toLowerCase());
}
