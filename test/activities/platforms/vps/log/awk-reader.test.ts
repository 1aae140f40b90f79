import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awkReader } from '../../../../../activities/platforms/vps/log/awk-reader.ts';
import { countErrors } from '../../../../../domain/watch/log-lines/count-errors.ts';
import { rules } from '../../../../../domain/watch/log-lines/rules.ts';
import { corpus } from '../../../../domain/watch/log-lines/corpus.ts';

/** Every version of awk on this machine. A host may have any of these versions. */
const awks = [['awk'], ['mawk'], ['gawk'], ['busybox', 'awk'], ['original-awk']].filter(
  ([name = '', ...args]) => spawnSync(name, [...args, 'BEGIN { exit 0 }']).status === 0,
);

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-awk-'));
  program = join(directory, 'program.awk');
  const ends = 'END { print errors[0] + 0, unread[0] + 0 }';
  const main = `BEGIN { pattern = ENVIRON["PATTERN"] } { take($0, "", 0, 0, 1) } ${ends}`;
  writeFileSync(program, `${awkReader}\n${main}\n`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function byAwk([name = '', ...args]: string[], lines: readonly string[], accessLog: boolean) {
  const { stdout, stderr } = spawnSync(name, [...args, '-f', program], {
    input: Buffer.from(`${lines.join('\n')}\n`, 'latin1'),
    env: { ...process.env, LC_ALL: 'C', PATTERN: accessLog ? 'GET' : '' },
  });
  const [errors, unread] = stdout.toString().trim().split(' ').map(Number);
  return { errors, unread, stderr: stderr.toString() };
}

/** Makes the same pseudo-random numbers in every run, so that a failure can be repeated. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state % below;
  };
}

const pieces = [
  ...['ERROR', 'error: ', '[', ']', '{"', '"level":', '50', '\t', '  ', '(', ')', 'level=error '],
  ...['Traceback (most recent call last):', '<3>', '\u001b[31m', '\r', 'INFO ', '}', '"', ':'],
  ...['    at x', 'E, ', 'panic: ', 'Error: ', '\\', '/', '\u00e2\u0094\u0082', '\u0001'],
];

/** Returns the lines with random insertions and deletions. */
function damaged(lines: readonly string[], seed: number): string[] {
  const next = numbers(seed);
  return lines.map((line) => {
    let text = line;
    for (let turn = next(3); turn >= 0; turn -= 1) {
      const at = next(text.length + 1);
      const piece = next(2) === 0 ? '' : (pieces[next(pieces.length)] ?? '');
      text = text.slice(0, at) + piece + text.slice(piece === '' ? at + next(9) : at);
    }
    return text.replaceAll('\n', ' ');
  });
}

const programs = [...corpus('used'), ...corpus('unseen')];
const texts = programs.flatMap(({ lines }) => lines.map(({ text }) => text.replaceAll('\n', ' ')));

describe.each(awks.map((awk) => awk.join(' ')))('%s', (awk) => {
  test.each([false, true])(
    'counts as the worker does, access log: %s',
    (accessLog) => {
      for (const lines of [texts, ...[1, 2, 3].map((seed) => damaged(texts, seed))]) {
        const judged = lines.map((text) => ({ text }));
        expect(byAwk(awk.split(' '), lines, accessLog)).toEqual({
          ...countErrors(judged, { accessLog }),
          stderr: '',
        });
      }
    },
    120_000,
  );
});

test('at least one awk was tried', () => expect(awks.length).toBeGreaterThan(0));

const textsOf = (of: object): string[] =>
  Object.values(of).flatMap((one: unknown) =>
    typeof one === 'string' ? [one] : textsOf(one as object),
  );

test('no rule has a part that JavaScript and awk read differently', () => {
  // oxlint-disable-next-line no-control-regex -- these characters are replaced
  const texts = textsOf(rules).map((rule) => rule.replaceAll(/[\u0000-\u001f]/g, 'x'));
  expect(texts.length).toBeGreaterThan(30);
  for (const rule of texts) {
    expect(rule).not.toMatch(/\\|'|\{[0-9]|\(\?|[*+?]\?/);
    // In a class, awk may read "\/" as two characters, so a range must not end there.
    expect(rule).not.toMatch(/[ -.0-9A-Za-z]-\/\]/);
  }
});

test('the program has no single quote, because the shell quotes it', () => {
  expect(awkReader).not.toContain("'");
});
