/*
 * An agent's text may hide, reorder or fake what a person reads (T20: bidi
 * overrides, zero-width and tag characters, homoglyphs). Whatever a person must
 * judge passes through `visible` before it is shown.
 */

/** Format, control, surrogate, private-use, unassigned, odd separators, fillers. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]|\u034F|[\u17B4\u17B5]|[\u180B-\u180F]|[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}]|[^\P{Zs}\u0020]/gu;

/** Runs of combining marks long enough to paint over the neighbours ("zalgo"). */
const STACKED_MARKS = /(\p{M}{2})\p{M}+/gu;

const codePoint = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;

/**
 * Writes every character that cannot be seen, or that moves others, as
 * `\u{202E}`. Line breaks and tabs stay when `multiline`.
 */
export function visible(text: string, { multiline = false } = {}): string {
  const escaped = text.replace(INVISIBLE, (char) =>
    multiline && (char === '\n' || char === '\t') ? char : codePoint(char),
  );
  return escaped.replace(
    STACKED_MARKS,
    (run, kept: string) => kept + [...run.slice(kept.length)].map(codePoint).join(''),
  );
}
