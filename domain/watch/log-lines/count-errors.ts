import { classify, isBad, type LineFacts } from './classify.ts';
import { rules } from './rules.ts';

/** `from` identifies the stream of the line, such as a process. `at`: epoch milliseconds. */
export type LogLine = { text: string; from?: string | number | undefined; at?: number };

/**
 * 'stranger': an error that a client's bad request caused. 'more': a further line of the previous
 * error.
 */
export type Verdict = 'error' | 'stranger' | 'more' | 'quiet' | 'unread';

const re = {
  line: new RegExp(rules.more.line),
  twin: new RegExp(rules.more.twin),
  last: new RegExp(rules.more.last),
  warning: new RegExp(rules.warning),
  qualified: new RegExp(rules.qualified),
  panic: new RegExp(rules.more.panic),
  inner: new RegExp(rules.more.inner),
  plain: new RegExp(rules.more.plain),
  chained: new RegExp(rules.more.chained),
  frame: new RegExp(rules.more.frame),
  named: new RegExp(rules.named),
  anyFrame: new RegExp(rules.anyFrame),
};

/** The longest time between two lines of the same error. */
const longestMs = 3000;

/**
 * The lines of one error. `index`: the line that began the error. `kind` 'warning': the line is a
 * warning, so its stack trace is no error.
 */
type Group = {
  index: number;
  at: number;
  /** The cleaned text of the line that began the error. */
  text: string;
  kind: LineFacts['kind'] | 'warning';
  framed: boolean;
  blank: boolean;
  npm: boolean;
  /**
   * The line before an `Error: …` with the same message, as winston writes it. A stack frame shows
   * that both lines are one error. null = no such line.
   */
  joins: number | null;
};

/** Returns a verdict for each line. All lines of a stack trace are one error. */
export function judgeLines(lines: readonly LogLine[]): Verdict[] {
  const open = new Map<string | number, Group>();
  const suspects = new Map<string | number, number>();
  const verdicts: Verdict[] = [];
  for (const [index, { text, from = '', at = 0 }] of lines.entries()) {
    const facts = classify(text);
    const group = open.get(from);
    const near = group !== undefined && at - group.at <= longestMs;
    const isMore = near && belongs(facts, group);
    const bad = isBad(facts);
    if (isMore) {
      group.at = at;
      if (group.joins !== null && group.framed) {
        verdicts[group.index] = 'more';
        group.index = group.joins;
        group.joins = null;
      }
      if (facts.stranger && verdicts[group.index] === 'error') verdicts[group.index] = 'stranger';
      verdicts.push('more');
    } else if (facts.unread) verdicts.push('unread');
    else if (bad) {
      verdicts.push(facts.stranger ? 'stranger' : 'error');
      const npm = /^(<[0-7]>)?npm /.test(facts.text);
      const counts = near && verdicts[group.index] === 'error';
      const joins = counts && repeats(facts.text, group) ? group.index : null;
      const { text, kind } = facts;
      open.set(from, { index, at, text, kind, framed: false, blank: false, npm, joins });
    } else if (re.anyFrame.test(facts.text) && suspects.has(from)) {
      // The stack frame shows that the line before it was an error.
      const named = suspects.get(from) ?? index;
      verdicts[named] = 'error';
      verdicts.push('more');
      const group = {
        index: named,
        at,
        text: facts.text,
        kind: 'exception',
        framed: true,
        blank: false,
      } as const;
      open.set(from, { ...group, npm: false, joins: null });
    } else {
      verdicts.push('quiet');
      if (group && !(near && group.kind === 'trace')) open.delete(from);
      if (facts.level === 'quiet' && re.warning.test(facts.text)) {
        const warning = {
          index,
          at,
          text: facts.text,
          kind: 'warning',
          framed: false,
          blank: false,
        } as const;
        open.set(from, { ...warning, npm: false, joins: null });
      }
      if (facts.level === null && re.named.test(facts.text)) suspects.set(from, index);
      else suspects.delete(from);
      continue;
    }
    suspects.delete(from);
  }
  return verdicts;
}

/** Returns true if the line is `Error: …` with the message of the line that began the group. */
const repeats = (text: string, { kind, text: header }: Group) =>
  kind === 'header' &&
  re.plain.test(text) &&
  !re.plain.test(header) &&
  header.includes(text.slice(7));

/** Returns true if the line belongs to the open error. Also updates the state in `group`. */
function belongs({ text, own, kind, unread }: LineFacts, group: Group): boolean {
  if (unread) return false;
  const whole = text.replace(/^<[0-7]>/, '');
  const said = whole.replace(/^([[][^ ]*] ?)+/, '');
  if (re.panic.test(said)) return false;
  if (group.kind === 'panic') {
    group.kind = 'exception';
    return true;
  }
  if (own === null && /^[ \t]*$/.test(said)) {
    group.blank = true;
    return true;
  }
  if (re.inner.test(said)) return true;
  const bad = isBad({ level: own });
  const begins = bad && kind !== 'header';
  const indented = /^[ \t]/.test(said);
  const blank = group.blank;
  group.blank = false;
  if (own !== null && kind === 'header' && /^ {0,3}[^ \t]/.test(whole))
    return bad && group.npm && whole.startsWith('npm ');
  if (begins && indented && blank && group.framed && group.kind === 'exception') return false;
  if (re.chained.test(said)) {
    group.kind = 'header';
    return true;
  }
  if (indented) {
    if (re.frame.test(said)) group.framed = true;
    return true;
  }
  if (begins && (group.kind === 'header' || group.kind === 'trace')) {
    group.kind = group.kind === 'trace' ? 'exception' : kind;
    return true;
  }
  if (begins && group.kind === 'warning' && re.qualified.test(said)) {
    group.kind = 'exception';
    return true;
  }
  if (begins && group.kind === 'exception' && isTwin(said)) return true;
  if (bad) return group.npm && said.startsWith('npm ');
  if (group.kind === 'trace' && group.framed && isLast(said)) {
    group.kind = 'exception';
    return true;
  }
  return re.line.test(said);
}

/**
 * Returns true for a second text about the same error. PHP may write a fatal error both to its log
 * and to its output. Ruby writes the cause of an exception after the exception.
 */
const isTwin = (text: string) => re.twin.test(text);

/** Returns true for the last line of a Python traceback, which is the exception. */
const isLast = (text: string) => re.last.test(text);

const isError = (verdict: Verdict, accessLog: boolean) =>
  verdict === 'error' || (verdict === 'stranger' && !accessLog);

/** Returns the first line of each error, including errors that bad requests of clients caused. */
export function errorLines(lines: readonly LogLine[]): string[] {
  const verdicts = judgeLines(lines);
  return lines.flatMap(({ text }, at) => (isError(verdicts[at] ?? 'quiet', false) ? [text] : []));
}

/**
 * Counts the errors of a log, and the lines that could not be read. `accessLog` = true: also counts
 * the requests, and leaves out errors that bad requests of clients caused.
 */
export function countErrors(
  lines: readonly LogLine[],
  { accessLog }: { accessLog: boolean },
): { errors: number; unread: number } {
  const verdicts = judgeLines(lines);
  return {
    errors: verdicts.filter((verdict) => isError(verdict, accessLog)).length,
    unread: verdicts.filter((verdict) => verdict === 'unread').length,
  };
}
