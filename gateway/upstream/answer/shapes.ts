/*
 * The shapes a secret may come back in. Every escape stands for one character,
 * so a shape is matched character by character, whichever mixture of escapes a
 * provider's encoders left on it: no spelling to list, none to forget.
 */

/** The longest spelling of one character: `&amp;amp;#x00000` and so on. */
export const MOST_PER_CHARACTER = 19;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
  '+': 'plus',
  '/': 'sol',
  '=': 'equals',
};

/** What may stand in any spelling of any shape: the secret's own characters come on top. */
const ALWAYS = /[A-Za-z0-9+/=_\\%&#;-]/;

/**
 * One character in each of its spellings: JSON and JavaScript (`\/`, `\u002b`, `\x2b`), addresses (`%2b`), HTML
 * (`&amp;`, `&#43;`), and each of them inside another. As it is, it comes last, and apart where it begins an escape.
 */
function spellings(character: string): readonly string[] {
  const code = character.charCodeAt(0);
  const pair = code.toString(16).padStart(2, '0');
  const hex = [...pair].map((digit) => `[${digit}${digit.toUpperCase()}]`).join('');
  const named = ENTITIES[character];
  const escaped = [
    `\\\\{1,3}(?:u00|x)${hex}`,
    `%(?:25){0,2}${hex}`,
    `&(?:amp;){0,2}(?:#0{0,5}${code}|#[xX]0{0,5}${hex}${named === undefined ? '' : `|${named}`});`,
  ].join('|');
  const plain = /["'/]/.test(character) ? `\\\\{0,3}\\x${pair}` : `\\x${pair}`;
  return /[\\%&]/.test(character) ? [escaped, plain] : [`${escaped}|${plain}`];
}

/** A shape as it is found: each of its characters must follow the one before, in one of its readings. */
export type Shape = readonly (readonly RegExp[])[];

/** As it is, with backslashes doubled as JSON has them, in hexadecimal, and inside a longer base64 text at any place. */
export function shapesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const packed = [0, 1, 2].map((before) => insideBase64(bytes, before));
  return [
    ...new Set([
      secret,
      secret.replaceAll('\\', '\\\\'),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...packed,
      ...packed.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ];
}

/** The part of the base64 text that is the secret's alone, with so many bytes before it. */
function insideBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const from = before === 0 ? 0 : before + 1;
  const whole = Math.floor(((bytes.length + before) * 8) / 6);
  return text.slice(from, whole);
}

/** Where a shape's text may begin: its first characters, all shapes in one expression. */
export const beginnings = (shapes: readonly string[], length: number): RegExp =>
  new RegExp(
    shapes
      .map((shape) => [...shape.slice(0, length)].map((character) => `(?:${spellings(character).join('|')})`).join(''))
      .join('|'),
    'g',
  );

/** Each character as an expression of its own, which a long secret needs: one for all would be too large to compile. */
export function stepsOf(shapes: readonly string[]): readonly Shape[] {
  const known = new Map<string, readonly RegExp[]>();
  const step = (character: string): readonly RegExp[] => {
    const made = known.get(character) ?? spellings(character).map((one) => new RegExp(one, 'y'));
    known.set(character, made);
    return made;
  };
  return shapes.map((shape) => [...shape].map(step));
}

/** By character code: whether it can occur in any encoding of the secret. If not, a partial match ends there. */
export const alphabetOf = (secret: string): readonly boolean[] =>
  Array.from({ length: 256 }, (_, code) => {
    const character = String.fromCharCode(code);
    return ALWAYS.test(character) || secret.includes(character);
  });
