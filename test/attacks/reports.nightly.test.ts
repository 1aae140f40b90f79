import { expect, test } from 'vitest';
import { readOffThread } from '../../activities/gates/reports/off-thread.ts';
import { zipOf } from '../activities/gates/zip.ts';

/** The longest time in ms during which nothing else ran in this thread, by its CPU time. */
async function busiest(work: () => Promise<unknown>): Promise<number> {
  const now = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let last = now();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, now() - last);
    last = now();
  }, 1);
  await work();
  clearInterval(timer);
  return Math.max(most, now() - last);
}

const suite = (mb: number, one = '<testcase name="x"/>') =>
  `<testsuite>${one.repeat((mb * 1e6) / one.length)}</testsuite>`;
const output = `<testcase name="a"><system-out>${'log line '.repeat(1_000)}</system-out></testcase>`;
const results = Array(200_001).fill({ ruleId: 'a' });
const sarif = JSON.stringify({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 't' } }, results }],
});

test.each([
  ['50 MB of empty tests', 'junitZip', zipOf([{ name: 'a.xml', text: suite(50) }]), 'tooMuch'],
  ['50 MB of output', 'junitZip', zipOf([{ name: 'a.xml', text: suite(50, output) }]), 'report'],
  ['20 MB in the commit', 'junit', suite(20), 'tooMuch'],
  ['200,001 findings', 'sarif', sarif, 'tooMuch'],
] as const)(
  'the worker never stops for 100 ms while it reads %s',
  async (name, kind, bytes, end) => {
    let read: object = {};
    const begun = performance.now();
    const ms = await busiest(async () => void (read = await readOffThread(kind, bytes)));
    console.info(`${name}: ${Math.round(performance.now() - begun)} ms, busy ${Math.round(ms)} ms`);
    expect(Object.keys(read)).toEqual([end]);
    expect(ms).toBeLessThan(100);
  },
);
