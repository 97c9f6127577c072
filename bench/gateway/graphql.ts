/* Reading a kilobyte of a GraphQL API, as clients do it in three ways. */

const PARTS = 6;

const part = (name: string, id: string): string =>
  `  ${name}: project(id: ${id}) {\n    id\n    name\n    volumes {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }`;

const parts = (name: string, id: (index: number) => string): string =>
  Array.from({ length: PARTS }, (_, index) => part(`${name}${index}`, id(index))).join('\n');

const literal = (index: number): string => `"project-${index}"`;

const SAME = JSON.stringify({ query: `query Overview {\n${parts('part', literal)}\n}` });

const WITH_VARIABLES = `query Overview($id: String!) {\n${parts('part', () => '$id')}\n}`;

let turn = 0;

/** The same text each time. */
export const sameText = (): string => SAME;

/** The same text each time, with a variable that differs. */
export function otherVariables(): string {
  turn += 1;
  return JSON.stringify({ query: WITH_VARIABLES, variables: { id: `project-${turn}` } });
}

/** A text nobody has sent before. */
export function newText(): string {
  turn += 1;
  return JSON.stringify({ query: `query Overview {\n${parts(`part${turn}x`, literal)}\n}` });
}
