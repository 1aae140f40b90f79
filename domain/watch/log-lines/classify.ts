import { clean } from './clean.ts';
import { levelOfWord, readJson, readPairs, type Level } from './declared-level.ts';
import { rules } from './rules.ts';

export type LineFacts = {
  text: string;
  /** null = the line declares no level, and its form is not that of an error. */
  level: Level | null;
  /** `level` without the syslog priority at the start of the line, such as `<3>`. */
  own: Level | null;
  /**
   * 'header': the line has the level of an error, and the next lines may contain its exception.
   * 'exception': the line names an exception. 'trace': a traceback begins, and its exception comes
   * later. 'panic': the next line is the message, and may contain any text.
   */
  kind: 'header' | 'exception' | 'trace' | 'panic';
  /**
   * true: a client's bad request caused this error, not the service. Has no meaning for a line that
   * is not an error.
   */
  stranger: boolean;
  /** true: the line is not text, or it is a JSON object whose end and level are missing. */
  unread: boolean;
};

const { head } = rules;
const re = {
  suspect: new RegExp(rules.suspect),
  access: new RegExp(rules.access.line),
  accessLogger: new RegExp(rules.access.logger),
  warning: new RegExp(rules.warning),
  always: new RegExp(rules.always),
  elixir: new RegExp(rules.elixir),
  stranger: new RegExp(rules.stranger),
  upstream: new RegExp(rules.upstream),
  exposed: new RegExp(rules.exposed),
  separators: new RegExp(head.separators),
  sign: new RegExp(head.sign),
  token: new RegExp(head.token),
  afterLevel: new RegExp(head.afterLevel),
  letterLevel: new RegExp(head.letterLevel),
  letterQuiet: new RegExp(head.letterQuiet),
  klogError: new RegExp(head.klogError),
  klogQuiet: new RegExp(head.klogQuiet),
  ambiguous: new RegExp(rules.ambiguousLevel),
  time: new RegExp(head.time),
  filler: new RegExp(head.filler),
  name: new RegExp(head.name),
  exception: new RegExp(head.exception),
  rubyException: new RegExp(head.rubyException),
  phrase: new RegExp(head.phrase),
  fatalPhrase: new RegExp(head.fatalPhrase),
  inside: new RegExp(head.inside),
  insideException: new RegExp(head.insideException),
  logfmt: new RegExp(head.logfmt),
};

/** The level must be within the first `headLength` characters and the first `mostWords` words. */
const headLength = 600;
const mostWords = 24;

export function classify(line: string): LineFacts {
  const { text, unread } = clean(line);
  const none = { text, level: null, own: null, kind: 'header', stranger: false, unread } as const;
  if (unread || text === '') return none;
  const priority = /^<([0-7])>/.exec(text)?.[1] ?? '7';
  const said = text.replace(/^<[0-7]>/, '');
  const facts: LineFacts = { ...none, ...read(said) };
  facts.own = facts.level;
  if (priority <= '3' && !isBad(facts)) facts.level = priority <= '2' ? 'fatal' : 'error';
  if (isBad(facts)) facts.stranger ||= isStranger(said);
  return facts;
}

export const isBad = ({ level }: Pick<LineFacts, 'level'>) =>
  level === 'error' || level === 'fatal';

function read(said: string): Found {
  if (re.exposed.test(said)) return { stranger: true };
  const cut = /^ *[{] *"/.test(said) && !/[}] *$/.test(said);
  if (!cut && !re.suspect.test(said.toLowerCase()) && !re.warning.test(said)) return {};
  if (re.always.test(said)) return { level: 'fatal' };
  if (re.elixir.test(said)) return { level: 'error', kind: 'exception' };
  return walk(said);
}

const isStranger = (text: string) => re.stranger.test(text) && !re.upstream.test(text);

type Found = Partial<Pick<LineFacts, 'level' | 'kind' | 'stranger' | 'unread'>>;

/**
 * Reads the words at the beginning of a line until a word names the level. Times, numbers, names of
 * loggers and words in brackets may come before the level.
 */
function walk(text: string): Found {
  const json = text.includes('{"');
  if ((json ? re.accessLogger : re.access).test(text)) return {};
  let rest = text
    .slice(0, headLength)
    .replaceAll(/[[<]/g, '(')
    .replaceAll(/[\]>]/g, ')')
    .replaceAll('\\', '.');
  const at = () => Math.min(text.length, headLength) - rest.length;
  let depth = 0;
  let timed = false;
  let others = 0;
  for (let words = 0; words < mostWords; words += 1) {
    for (;;) {
      const gap = re.separators.exec(rest)?.[0] ?? '';
      timed ||= re.sign.test(gap);
      if (gap !== '') rest = rest.slice(gap.length);
      else if (rest.startsWith('(')) [depth, rest] = [depth + 1, rest.slice(1)];
      else if (rest.startsWith(')')) [depth, rest] = [Math.max(0, depth - 1), rest.slice(1)];
      else break;
    }
    if (/^[{] *"/.test(rest)) {
      const { level, cut, refused } = readJson(text.slice(at()));
      return level === null && cut ? { unread: true } : { level, stranger: refused };
    }
    if (re.logfmt.test(rest) && depth === 0) {
      const level = readPairs(text.slice(at()));
      if (level) return { level };
    }
    if (re.phrase.test(rest)) {
      return { level: re.fatalPhrase.test(rest) ? 'fatal' : 'error', kind: kindOf(rest) };
    }
    const token = re.token.exec(rest)?.[0];
    if (token === undefined) break;
    const after = rest.slice(token.length);
    const level = levelAt(token, after, { depth, timed, first: words === 0 && depth === 0 });
    if (level) return { level };
    if (isException(token, after, depth)) return { level: 'error', kind: 'exception' };
    if (re.time.test(token)) timed = true;
    const named = re.name.test(token) && (timed || depth > 0 || token.endsWith(':'));
    if (depth === 0 && !re.filler.test(token) && !named) {
      others += 1;
      if (!(timed && others < 2)) break;
    }
    rest = after;
  }
  const seen = text.slice(0, headLength).replaceAll(/[[<]/g, '(');
  if (re.insideException.test(seen)) return { level: 'error', kind: 'exception' };
  return re.inside.test(seen) ? { level: 'error' } : {};
}

function kindOf(phrase: string): LineFacts['kind'] {
  if (/^(Exception Group )?Traceback/.test(phrase)) return 'trace';
  if (/^(thread .*panicked at .*|Unhandled exception):$/.test(phrase)) return 'panic';
  return phrase.startsWith('Internal Server Error') ? 'header' : 'exception';
}

type Place = { depth: number; timed: boolean; first: boolean };

/** Returns the level that a word at the beginning of a line declares. */
function levelAt(token: string, after: string, { depth, timed, first }: Place): Level | null {
  if (re.klogError.test(token) && /^ +[0-9]/.test(after)) return 'error';
  if (re.klogQuiet.test(token) && /^ +[0-9]/.test(after)) return 'quiet';
  if (after.startsWith(',') && re.letterLevel.test(token)) return token === 'F' ? 'fatal' : 'error';
  if (after.startsWith(',') && re.letterQuiet.test(token)) return 'quiet';
  if (depth > 0 && /^[EFDIW]$/.test(token) && /^ [0-9]/.test(after)) return levelOfWord(token);
  const qualified = /^[A-Za-z0-9_-]+[.:]([A-Za-z]+):?$/.exec(token)?.[1];
  if (qualified && (depth > 0 || qualified === qualified.toUpperCase())) {
    const level = levelOfWord(qualified);
    if (level && qualified.length > 2) return level;
  }
  const word = /^[A-Za-z]+/.exec(token)?.[0] ?? '';
  const tail = token.slice(word.length);
  const level = word.length > 2 ? levelOfWord(word) : null;
  if (level === null || !re.afterLevel.test(tail) || /^=[^=]/.test(tail)) return null;
  const mark = tail !== '' || depth > 0 || /^[(]| *[|)]|^\t|^ +-+ |^ {2}/.test(after);
  if (word === word.toUpperCase())
    return first && !timed && !mark && re.ambiguous.test(word) ? null : level;
  if (tail.startsWith(':')) return tail === ':' || depth > 0 ? level : null;
  if (depth > 0) return tail === '' && /^ *([)|]|$)/.test(after) ? level : null;
  return timed && tail === '' && (level === 'quiet' || /^(error|fatal)$/.test(word)) ? level : null;
}

function isException(token: string, after: string, depth: number): boolean {
  if (re.rubyException.test(token)) return token.endsWith(':') || /^ [(]/.test(after);
  if (!re.exception.test(token)) return false;
  if (token.includes(':') && !/[A-Za-z]::[A-Z][A-Za-z]*$/.test(token)) return true;
  return /^( +[(].*| *)$/.test(after) || (depth > 0 && after.startsWith(')'));
}
