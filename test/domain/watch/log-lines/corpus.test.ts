import { expect, test } from 'vitest';
import { judgeLines } from '../../../../domain/watch/log-lines/count-errors.ts';
import { corpus, type Labelled } from './corpus.ts';

type Judged = Labelled & { name: string; verdict: string };

const judged = (part: 'used' | 'unseen'): Judged[] =>
  corpus(part).flatMap(({ name, lines }) => {
    const verdicts = judgeLines(lines);
    return lines.map((line, at) => ({ ...line, name, verdict: verdicts[at] ?? '' }));
  });

function measured(part: 'used' | 'unseen') {
  const lines = judged(part).filter(({ label }) => label !== '?');
  const errors = lines.filter(({ label }) => label === 'E');
  const counted = lines.filter(({ verdict }) => verdict === 'error');
  const right = errors.filter(({ verdict }) => verdict === 'error');
  return { recall: right.length / errors.length, precision: right.length / counted.length };
}

test('the corpus has at least 300 lines of at least 25 programs in each part', () => {
  for (const part of ['used', 'unseen'] as const) {
    const programs = corpus(part);
    expect(programs.length).toBeGreaterThanOrEqual(25);
    expect(programs.flatMap(({ lines }) => lines).length).toBeGreaterThanOrEqual(300);
  }
});

test('at least 95 % of the errors that no rule was written for are found', () => {
  expect(measured('unseen').recall).toBeGreaterThanOrEqual(0.95);
});

test('at least 95 % of the lines that count are errors', () => {
  expect(measured('unseen').precision).toBeGreaterThanOrEqual(0.95);
});

test('every error of the used lines counts once, and nothing else', () => {
  const wrong = judged('used').filter(
    ({ label, verdict }) => label !== '?' && (label === 'E') !== (verdict === 'error'),
  );
  expect(wrong).toEqual([]);
});

test('an error that a request of a stranger causes is told apart', () => {
  const theirs = [...judged('used'), ...judged('unseen')].filter(({ label }) => label === 'V');
  expect(theirs.length).toBeGreaterThanOrEqual(20);
  expect(theirs.filter(({ verdict }) => verdict !== 'stranger')).toEqual([]);
});

test('what is not found among the unseen lines is known', () => {
  const wrong = judged('unseen').filter(
    ({ label, verdict }) => label !== '?' && (label === 'E') !== (verdict === 'error'),
  );
  expect(wrong.map(({ name, text, verdict }) => `${name}: ${verdict}: ${text}`)).toEqual([
    'fancy-log: error: [02:37:48] ERROR 503',
    'loglevel: error: ERROR 503',
    "sinatra: quiet: 2026-12-01 02:37:39 - NoMethodError - undefined method `id' for nil:NilClass",
    "sinatra: quiet: 2026-12-01 02:37:39 - NoMethodError - undefined method `id' for nil:NilClass",
  ]);
});
