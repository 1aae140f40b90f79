/** A fence of a page: its language, the words after it, and its text. */
export type Fence = { language: string; words: string; text: string };

export const fencesOf = (page: string): Fence[] =>
  [...page.matchAll(/^```(\w*) ?([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', words = '', text = '']) => ({ language, words, text }),
  );

/** One thing that a reader does, and what is seen then. */
export type Step = {
  /** run: ends by itself, with `exit`. stays: ends by Ctrl-C. not-run: why it cannot be. */
  how: 'run' | 'stays' | 'not-run';
  exit: number;
  why: string;
  sh: string;
  shown: string | null;
};

/** Every sh fence, in order, each with the text fence that follows it. Throws at a mark that it does not know. */
export function stepsOf(page: string): Step[] {
  const fences = fencesOf(page).filter(({ language }) => ['sh', 'text'].includes(language));
  return fences.flatMap(({ language, words, text: sh }, at) => {
    if (language !== 'sh') return [];
    const next = fences[at + 1];
    return [{ ...markOf(words), sh, shown: next?.language === 'text' ? next.text : null }];
  });
}

function markOf(words: string): Pick<Step, 'how' | 'exit' | 'why'> {
  const [, exit, stays, why] = /^(?:exit=(\d+)|(stays)|not-run: (.+))?$/.exec(words) ?? fail(words);
  const how = stays ? 'stays' : why ? 'not-run' : 'run';
  return { how, exit: Number(exit ?? 0), why: why ?? '' };
}

const fail = (words: string): never => {
  throw new Error(`"sh ${words}": nobody knows what that means`);
};

/** Whether these lines were shown, one after the other; "…" is anything, alone on its line any lines. */
export function wasShown(expected: string, output: string): boolean {
  const lines = expected.trimEnd().split('\n');
  const pattern = lines
    .map((line) => (line === '…' ? '(?:.*\\n)*?' : `${lineOf(line)}\\n`))
    .join('');
  return new RegExp(`^${pattern}`, 'm').test(`${output}\n`);
}

const lineOf = (line: string) =>
  line
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`))
    .join('.*');
