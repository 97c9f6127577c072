const WIDTH = 80;
const INDENT = 8;

export type Voice = 'agent' | 'countersign' | 'person' | 'provider' | 'demo';

const COLOURS: Readonly<Record<Voice, number>> = { agent: 33, countersign: 36, person: 32, provider: 35, demo: 90 };

export interface Teller {
  /** One thing somebody does or says, with the seconds since the story began. */
  say(who: Voice, text: string): void;
  /** What is quoted, indented. */
  quote(text: string): void;
  heading(text: string): void;
}

/** Tells in a terminal 80 columns wide. Colour only where a person looks and has not said NO_COLOR. */
export function teller(out: NodeJS.WriteStream, { colour }: { readonly colour: boolean }): Teller {
  const begun = performance.now();
  const paint = (code: number, text: string): string => (colour ? `\u001B[${code}m${text}\u001B[0m` : text);
  const seconds = (): string => `${((performance.now() - begun) / 1000).toFixed(1)}s`.padStart(6);
  const write = (line: string): void => void out.write(`${line}\n`);
  return {
    say(who, text) {
      const [first = '', ...rest] = wrapped(`${who}: ${text}`, WIDTH - INDENT);
      const named = first.replace(`${who}:`, paint(COLOURS[who], `${who}:`));
      write(`${paint(90, seconds())}  ${named}`);
      for (const line of rest) write(' '.repeat(INDENT) + line);
    },
    quote(text) {
      for (const line of text.split('\n').flatMap((part) => wrapped(part, WIDTH - INDENT - 2)))
        write(`${' '.repeat(INDENT)}${paint(90, '│')} ${line}`);
    },
    heading: (text) => write(`\n${paint(1, text)}`),
  };
}

/** Lines of at most so many characters, broken at spaces. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
