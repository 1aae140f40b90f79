import { rules } from './rules.ts';

/** The level that a line declares. 'quiet': a level below error. */
export type Level = 'fatal' | 'error' | 'quiet';

const pattern = (source: string) => new RegExp(source);
const [errorLevel, fatalLevel, quietLevel] = [
  pattern(rules.errorLevel),
  pattern(rules.fatalLevel),
  pattern(rules.quietLevel),
];
const levelNumber = pattern(rules.levelNumber);
const levelKey = pattern(rules.levelKey);
const nestedLevelKey = pattern(rules.nestedLevelKey);
const statusKey = pattern(rules.statusKey);
const responseKey = pattern(rules.responseKey);
const errorKey = pattern(rules.errorKey);
const pairLevel = pattern(rules.pairLevel);
const pairMessage = pattern(rules.pairMessage);

/** Returns the level that a word names, in upper or lower case. null: the word is not a level. */
export function levelOfWord(word: string): Level | null {
  const upper = word
    .toUpperCase()
    .replace(/[+][0-9]+$/, '')
    .trim();
  if (fatalLevel.test(upper)) return 'fatal';
  if (errorLevel.test(upper) || upper === 'E') return 'error';
  return quietLevel.test(upper) || /^[DIWT]$/.test(upper) ? 'quiet' : null;
}

/**
 * Returns the level of a number. pino and bunyan use 10 to 60, Monolog 100 to 600, Logback and
 * log4j 5000 to 50000. GELF uses the numbers of syslog.
 */
function levelOfNumber(number: number, gelf: boolean): Level | null {
  if (gelf) return number <= 2 ? 'fatal' : number === 3 ? 'error' : 'quiet';
  if (number >= 100) {
    const scale = number >= 5000 ? 100 : 1;
    if (number >= 500 * scale) return 'fatal';
    return number >= 400 * scale ? 'error' : 'quiet';
  }
  if (number >= 60) return 'fatal';
  return number >= 50 ? 'error' : 'quiet';
}

/**
 * The facts about a line with a JSON object. `level` null: the object names no level. `cut`: the
 * end of the object is missing. `refused`: the object has an HTTP status 4xx.
 */
export type JsonFacts = { level: Level | null; cut: boolean; refused: boolean };

/** Reads the level of a JSON object without a parser, because the object may be cut. */
export function readJson(text: string): JsonFacts {
  const parts = text.replaceAll('\\\\', '').replaceAll('\\"', '').split('"');
  const gelf = text.includes('"short_message"');
  const keys: string[] = [];
  let depth = 0;
  let level: Level | null = null;
  let failed = false;
  let refused = false;
  for (let at = 0; at < parts.length; at += 2) {
    const between = parts[at] ?? '';
    const key = parts[at - 1] ?? '';
    if (at > 0 && /^[ \t]*:/.test(between)) {
      const number = between.replace(/^[ \t]*:[ \t]*/, '').replace(/[ \t,}].*$/, '');
      const value = number === '' ? (parts[at + 1] ?? '') : number;
      const parent = keys[depth - 1] ?? '';
      if (level === null && isLevel(key, depth, parent)) level = levelOf(value, gelf);
      const here = depth === 1 || (depth === 2 && responseKey.test(parent));
      if (here && statusKey.test(key) && /^4[0-9][0-9]$/.test(value)) refused = true;
      if (depth === 1 && errorKey.test(key) && !/^(null|false|0)?$/.test(value)) failed = true;
      keys[depth] = key;
    }
    const opened = between.split(/[{[]/).length - 1;
    depth += opened - (between.split(/[}\]]/).length - 1);
  }
  return { level: level ?? (failed ? 'error' : null), cut: depth > 0, refused };
}

function isLevel(key: string, depth: number, parent: string): boolean {
  if (depth === 1) return levelKey.test(key);
  if (depth === 2 && parent === 'log') return key === 'level';
  if (depth === 2 && key === 'logLevel') return true;
  return nestedLevelKey.test(parent) && (key === 'name' || key === 'level');
}

const levelOf = (value: string, gelf: boolean) =>
  levelNumber.test(value) ? levelOfNumber(Number(value), gelf) : levelOfWord(value);

/** Reads the level of a line of key=value pairs. null: the line names no level. */
export function readPairs(text: string): Level | null {
  const parts = text.replaceAll('\\\\', '').replaceAll('\\"', '').split('"');
  const outside = parts.filter((_, at) => at % 2 === 0).join('"');
  const found = pairLevel.exec(outside);
  if (!found) return null;
  if (found.index > 0 && !pairMessage.test(outside)) return null;
  const rest = outside.slice(found.index + found[0].length);
  if (!rest.startsWith('"')) return levelOf(rest.replace(/[ \t"].*$/, ''), false);
  const index = outside.slice(0, found.index).split('"').length - 1;
  return levelOf(parts[index * 2 + 1] ?? '', false);
}
