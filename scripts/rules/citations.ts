/*
 * What code, comments, tests and documents cite: T- and P-numbers, decisions,
 * test files. Pure, so that a test can seed a citation that leads nowhere.
 */

/** The numbers that a list of ours defines: one heading `### T1` each. */
export const definedNumbers = (text: string): string[] =>
  [...text.matchAll(/^### ([TP]\d+)$/gm)].map(([, number = '']) => number);

const LINK = /\[([TP]\d+)\]\([^)]*\)/g;
/** A space, or the line break of a comment between the two ends of a range. */
const GAP = String.raw`(?:\s|\*|//|--)*`;
/** No citations: `T00` of a timestamp, what follows a letter, a digit or a template's brace, and four digits (Prisma's codes). */
const CITATION = new RegExp(
  String.raw`(?<![\w}])([TP])([1-9]\d{0,2})\b(?:${GAP}(?:to|through|[-–…])${GAP}\1([1-9]\d{0,2})\b)?`,
  'g',
);

/** Every T- and P-number in a text, each once. A range counts with both ends and all between; one that runs backwards is returned as it stands, and resolves to nothing. */
export function citedNumbers(text: string): string[] {
  const found = [...text.replace(LINK, '$1').matchAll(CITATION)].flatMap(([all, letter = '', from, to = from]) => {
    const [first, last] = [Number(from), Number(to)];
    if (last < first) return [all];
    return Array.from({ length: last - first + 1 }, (_, step) => `${letter}${first + step}`);
  });
  return [...new Set(found)];
}

const DECISIONS = new RegExp(String.raw`\bdecisions?${GAP}\d{4}(?:(?:,|${GAP}and|${GAP}to)${GAP}\d{4})*`, 'gi');
const DECISION_PATH = /\bdecisions\/(\d{4})/g;

/** The numbers of decisions: "decision 0004", "decisions 0013, 0016", "docs/decisions/0003". */
export function citedDecisions(text: string): string[] {
  const inWords = [...text.matchAll(DECISIONS)].flatMap(([words]) => words.match(/\d{4}/g) ?? []);
  const asPaths = [...text.matchAll(DECISION_PATH)].map(([, number = '']) => number);
  return [...new Set([...inWords, ...asPaths])];
}

/** The test files that a document names in backticks, with `*` for any part of a name. */
export const namedTests = (text: string): string[] =>
  [...text.matchAll(/`([\w*./()[\]-]+\.(?:test|spec)\.tsx?)`/g)].map(([, path = '']) => path);

/** Whether a file has that name. */
export function isThere(name: string, files: readonly string[]): boolean {
  const pattern = name.split('*').map((part) => part.replace(/[.()[\]]/g, '\\$&'));
  const matches = new RegExp(`^${pattern.join('[^/]*')}$`);
  return files.some((file) => matches.test(file));
}
