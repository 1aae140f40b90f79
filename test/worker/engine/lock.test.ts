import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withLock } from '../../../worker/engine/lock.mjs';
import { temporary } from '../../bin/fake-command.ts';

const lockFile = () => join(temporary('lock'), 'deep', 'lock');
const nobody = '4194305';

test('only one at a time works', async () => {
  const path = lockFile();
  let inside = 0;
  const work = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await sleep(20);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, { pollMs: 5 })));
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('a waiting caller learns once for whom it waits', async () => {
  const path = lockFile();
  const told: number[] = [];
  const waiter = () =>
    withLock(path, async () => 'second', { onWait: (pid) => told.push(pid), pollMs: 5 });
  const second = withLock(path, async () => {
    const waiting = waiter();
    await sleep(100);
    return { waiting };
  });
  expect(await (await second).waiting).toBe('second');
  expect(told).toEqual([process.pid]);
});

test('the lock of a dead process is broken', async () => {
  const path = join(temporary('lock'), 'lock');
  writeFileSync(path, nobody);
  const works = Array.from({ length: 4 }, () =>
    withLock(path, () => sleep(10, 'ok'), { pollMs: 5 }),
  );
  expect(await Promise.all(works)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('a lock that was not touched for a minute is broken, whoever has its pid by now', async () => {
  const path = join(temporary('lock'), 'lock');
  writeFileSync(path, String(process.pid));
  const old = new Date(Date.now() - 61_000);
  utimesSync(path, old, old);
  expect(await withLock(path, async () => 'ok')).toBe('ok');
});

test('a failure gives the lock back', async () => {
  const path = lockFile();
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});
