import { expect, test } from 'vitest';
import { limit, useDemo } from '../support/demo.ts';
import { eventually } from '../support/e2e.ts';

const demo = useDemo();

test('ended in the middle of a deploy it leaves no process and no file', limit, async () => {
  const { child, said, ended } = demo.start();
  await eventually('a deploy is in its release or watch', () =>
    /harbor staging +(release|watch)/.test(said.err),
  );
  const running = demo.processes().join('\n');
  for (const part of ['server start-dev', 'plimsoll.mjs worker', 'server.mjs'])
    expect(running).toContain(part);
  child.kill('SIGTERM');
  const [code] = (await ended) as [number];
  expect(code).toBe(143);
  await eventually('all processes are gone', () => demo.processes().length === 0, 10_000).catch(
    () => {},
  );
  expect(demo.processes()).toEqual([]);
  expect(demo.files()).toEqual([]);
});
