/** A code block of a page: its language, the words after the language, and its text. */
export type Fence = { language: string; words: string; text: string };

export const fencesOf = (page: string): Fence[] =>
  [...page.matchAll(/^```(\w*) ?([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', words = '', text = '']) => ({ language, words, text }),
  );

/** One block of commands that a reader runs, and the output that the page shows. */
export type Step = {
  /**
   * 'run' = the block ends with the exit code `exit`. 'stays' = the block runs until Ctrl-C.
   * 'not-run' = the block cannot run in this test, for the reason `why`.
   */
  how: 'run' | 'stays' | 'not-run';
  exit: number;
  why: string;
  sh: string;
  shown: string | null;
};

/**
 * Every sh block of `page` in order, with the text block after it. Throws if a block has an unknown
 * mark.
 */
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
  throw new Error(`"sh ${words}" has an unknown mark: use exit=N, stays or "not-run: REASON"`);
};

/**
 * Returns true if `output` contains the lines of `expected`, one after the other. "…" in a line
 * stands for any text. A line with only "…" stands for any number of lines.
 */
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
