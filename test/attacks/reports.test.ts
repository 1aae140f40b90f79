import { expect, test } from 'vitest';
import { readOffThread } from '../../activities/gates/reports/off-thread.ts';
import type { ReportKind } from '../../activities/gates/reports/read-report.ts';
import { zipOf } from '../activities/gates/zip.ts';

/** Returns the CPU time of this thread in ms. Other threads and processes do not count. */
const ownMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

async function readWith<Kind extends ReportKind>(
  kind: Kind,
  bytes: Uint8Array | string,
  limits = { timeMs: 60_000, memoryMb: 512 },
) {
  const before = ownMs();
  const read = await readOffThread(kind, bytes, limits);
  return { read, ms: ownMs() - before };
}

const suite = (mb: number, one = '<testcase name="x"/>') =>
  `<testsuite>${one.repeat((mb * 1e6) / one.length)}</testsuite>`;
/** The time during which nothing else runs in the worker. */
const mostMs = 100;

test('a report that needs too much memory is refused, and the worker runs meanwhile', async () => {
  const zip = zipOf([{ name: 'a.xml', text: suite(8) }]);
  const { read, ms } = await readWith('junitZip', zip, { timeMs: 60_000, memoryMb: 40 });
  expect(read).toEqual({ tooMuch: 'reading it needs more than 40 MB of memory' });
  expect(ms).toBeLessThan(mostMs);
});

test('a JUnit report that takes too long is refused, and the thread ends', async () => {
  const xml = Buffer.from(suite(10));
  const begun = performance.now();
  const { read, ms } = await readWith('junit', xml, { timeMs: 300, memoryMb: 512 });
  expect(read).toEqual({ tooMuch: 'reading it takes more than 0.3 s' });
  expect(ms).toBeLessThan(mostMs);
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('a report with 100,000 tests is read, and the worker runs meanwhile', async () => {
  const { read, ms } = await readWith('junit', Buffer.from(suite(2)));
  expect(read).toMatchObject({ report: { tests: 100_000, failures: 0 } });
  expect(ms).toBeLessThan(mostMs);
});

test('a small archive is unpacked in the thread too', async () => {
  const zip = zipOf([{ name: 'a.xml', text: '<testsuite><testcase name="x"/></testsuite>' }]);
  expect(await readOffThread('junitZip', zip)).toMatchObject({ report: { tests: 1 } });
  expect(await readOffThread('junitZip', Buffer.from('no'))).toEqual({
    report: { why: 'it is not a complete zip archive' },
  });
});
