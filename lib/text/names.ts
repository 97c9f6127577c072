/** Whether a word mixes ASCII letters with letters of other scripts that look like them (T20). */
export function confusable(text: string): boolean {
  return /[^\x20-\x7E\n\t]/u.test(text) && /\p{L}/u.test(text) && mixesScripts(text);
}

function mixesScripts(text: string): boolean {
  return text
    .split(/[^\p{L}\p{M}]+/u)
    .some(
      (word) =>
        /[A-Za-z]/.test(word) &&
        /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\u{1D400}-\u{1D7FF}\uFF21-\uFF5A]/u.test(
          word,
        ),
    );
}

/** Whether a text can name a resource, a target or an agent: printable ASCII alone, so that no name poses as another (T20). */
export function plainIdentifier(text: string): boolean {
  return /^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/.test(text);
}
