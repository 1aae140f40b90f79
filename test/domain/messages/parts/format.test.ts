import { expect, it } from 'vitest';
import { clean } from '../../../../domain/messages/parts/clean.ts';
import { exitCodeOf } from '../../../../client/exit-codes.ts';
import { duration, short, sparkline } from '../../../../domain/messages/parts/format.ts';
import { nearest } from '../../../../domain/lib/nearest.ts';

it('durations are read at a glance', () => {
  expect([0, 900, 59_000, 61_000, 3_900_000, 90_000_000, -5].map(duration)).toEqual([
    '0 s',
    '0 s',
    '59 s',
    '1 min',
    '1 h 5 min',
    '1 d 1 h',
    '0 s',
  ]);
});

it('a sparkline never hides a failed look', () => {
  expect(sparkline([0, 1, null, 0])).toBe('▁█·▁');
  expect(sparkline([0, 0, 0, 1, null, 0, 0, 0], 4)).toBe('▁█·▁');
  expect(sparkline([])).toBe('');
});

it('texts are cleaned wherever they lie, names of members as well', () => {
  expect(clean({ 'a\u001b': ['b\nc', 1, null, { d: '\u202ee' }] })).toEqual({
    'a\\u001B': ['b c', 1, null, { d: '\\u202Ee' }],
  });
});

it('short commits', () => {
  expect([short('0123456789'), short(null)]).toEqual(['0123456', 'nothing']);
});

it('an outcome of a newer worker is never a success', () => {
  expect(exitCodeOf({ outcome: 'brand-new' as never })).toBe(1);
  expect(exitCodeOf({ outcome: 'succeeded' })).toBe(0);
  expect(exitCodeOf({ outcome: 'rolled-back' })).toBe(5);
  expect(exitCodeOf({ outcome: 'rolled-back-still-failing' })).toBe(9);
});

it('the nearest name is found, and none where none is near', () => {
  const names = ['production', 'staging', 'preview'];
  expect(['prodction', 'Staging', 'perview', 'live'].map((word) => nearest(word, names))).toEqual([
    'production',
    'staging',
    'preview',
    undefined,
  ]);
});
