import { expect, test } from 'vitest';
import { Board } from '../../sandbox/board.ts';

test('a fault strikes its service and operation, as often as it was armed', () => {
  const board = new Board();
  board.arm({ service: 'git', match: 'push', kind: '500-after', times: 2 });
  expect(board.take('github', 'push')).toBeUndefined();
  expect(board.take('git', 'fetch')).toBeUndefined();
  expect(board.take('git', 'push POST /a.git')).toBe('500-after');
  expect(board.take('git', 'push POST /a.git')).toBe('500-after');
  expect(board.take('git', 'push POST /a.git')).toBeUndefined();
  expect(board.armed).toEqual([]);
});

test('faults of one operation strike in the order they were armed', () => {
  const board = new Board();
  board.arm({ service: 'git', match: 'push', kind: 'slow', times: 1 });
  board.arm({ service: 'git', match: 'push', kind: 'hold', times: 1 });
  expect([board.take('git', 'push'), board.take('git', 'push')]).toEqual(['slow', 'hold']);
});

test('what the caller does with its fault later changes nothing', () => {
  const board = new Board();
  const fault = { service: 'git', match: 'push', kind: 'hold', times: 1 } as const;
  const mine = { ...fault, times: 1 };
  board.arm(mine);
  mine.times = 99;
  expect(board.armed).toEqual([fault]);
});

test('clear forgets the faults and lets go of what is held', async () => {
  const board = new Board();
  board.arm({ service: 'git', match: '', kind: 'hold', times: 1 });
  const held = board.held();
  expect(board.holding).toBe(1);
  board.clear();
  await held;
  expect([board.holding, board.armed]).toEqual([0, []]);
});

test('an effect has its time, its service, its operation and its detail', () => {
  const board = new Board();
  board.count('git', 'push', 'refs/heads/main a..b');
  expect(board.effects).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      service: 'git',
      operation: 'push',
      detail: 'refs/heads/main a..b',
    },
  ]);
});
