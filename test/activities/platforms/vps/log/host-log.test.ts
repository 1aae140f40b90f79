import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostPattern } from '../../../../../activities/platforms/vps/log/access-pattern.ts';
import { countsOf, readLog } from '../../../../../activities/platforms/vps/log/host-log.ts';
import { createErrorLogSource } from '../../../../../activities/platforms/vps/log/error-log-source.ts';
import { openHost } from '../../../../../activities/platforms/vps/ssh/on-host.ts';
import type { HostSession, OpenHost } from '../../../../../activities/platforms/vps/ssh/on-host.ts';
import { hostWith } from './host.ts';
import { fromTheBegin } from '../../../../support/drivers.ts';

const program = `
console.log('<3>the database is gone');
console.log('ERROR: twice bad is one line');
console.log('<3>ERROR: both');
console.log('GET "/a b" 200');
console.log('GET /c 200');
console.log('all is well, no terrors here');
setInterval(() => {}, 1000);
`;

let at: Awaited<ReturnType<typeof hostWith>>;
let session: HostSession;
beforeAll(async () => {
  at = await hostWith(program);
  expect(await at.run('systemctl start "$1"', 'shop')).toMatchObject({ code: 0 });
  await sleep(1200);
  session = await openHost(at.target, at.host, undefined);
});
afterAll(async () => {
  session.close();
  await at.close();
});

const ask = (given: string | null, over = {}) =>
  readLog(session, {
    target: at.target,
    from: { ago: 60 },
    bucketSeconds: 1000,
    pattern: given === null ? null : hostPattern(given),
    timeoutMs: 10_000,
    ...over,
  });
const sum = (counts: Awaited<ReturnType<typeof ask>>, name: 'errors' | 'requests') =>
  counts?.buckets.reduce((total, bucket) => total + bucket[name], 0);

describe('the log of a host', () => {
  test('counts errors by priority or word, and requests by the pattern, on the host', async () => {
    const counts = await ask('^GET ');
    expect([sum(counts, 'errors'), sum(counts, 'requests')]).toEqual([3, 2]);
    expect(Math.abs(counts!.now - Date.now() / 1000)).toBeLessThan(5);
  });

  test('reads a quote in the pattern as the program wrote it', async () => {
    expect(sum(await ask('GET "/a b" \\d{3}$'), 'requests')).toBe(1);
  });

  test('counts only from the given second of the host', async () => {
    const { now } = (await ask(null))!;
    expect(await ask(null, { from: { second: now + 1 } })).toMatchObject({ buckets: [] });
  });

  test('reads with sudo where it may', async () => {
    expect(sum(await ask(null, { target: { ...at.target, sudo: true } }), 'errors')).toBe(3);
  });

  test.each([
    [{ code: 1, stdout: 'end 5 0\n', stderr: '' }, 'the script failed'],
    [{ code: 0, stdout: 'end 5 1\n', stderr: '' }, 'journalctl failed'],
    [{ code: 0, stdout: 'bucket 0 0 0 0\n', stderr: '' }, 'cut off'],
    [{ code: 0, stdout: '', stderr: '' }, 'nothing'],
    [
      {
        code: 0,
        stdout: 'end 5 0\n',
        stderr: 'Hint: You are currently not seeing messages from other users and the system.\n',
      },
      'no permission',
    ],
  ])('is no data, not empty: %j (%s)', (answer) => expect(countsOf(answer)).toBe(null));
});

test.each([
  ['GET|POST', 'GET|POST'],
  ['"(GET|POST) \\S+" \\d{3}', '"(GET|POST) [^ \t]+" [0-9][0-9][0-9]'],
  ['a{2,3}b{1,}', 'aaa?bb*'],
  ['(ab){2}', null],
  ['[\\d.]+', null],
  ['\\bGET', null],
  ['(?:GET)', null],
  ['a+?', null],
  ['(', null],
])('hostPattern(%j) = %j', (given, wanted) => expect(hostPattern(given)).toBe(wanted));

describe('the error source of the log', () => {
  const errorSource = (open: OpenHost, accessLog: string | null = null, agoMs = 20_000) =>
    createErrorLogSource({
      openHost: open,
      target: at.target,
      watch: { accessLog },
      agoMs: () => agoMs,
      ...fromTheBegin,
    });

  test('keeps one connection, counts seconds without an access log, and nothing twice', async () => {
    let opened = 0;
    const one = errorSource((...args) => {
      opened += 1;
      return openHost(...args);
    });
    expect(await one.sample()).toEqual([3, 20]);
    await sleep(1100);
    const [errors, seconds] = (await one.sample())!;
    expect(errors).toBe(0);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(opened).toBe(1);
    one.close();
  });

  test('counts requests with an access log; a pattern that no host can read is no data', async () => {
    const one = errorSource(openHost, 'GET \\S+');
    expect(await one.sample()).toEqual([3, 2]);
    one.close();
    const none = errorSource(openHost, '(?=GET)');
    expect(await none.sample()).toBe(null);
  });

  test('has no data while a host does not answer, and counts what it missed afterwards', async () => {
    let down = true;
    const one = errorSource(async (...args) => {
      if (down) throw new Error('connection refused');
      return openHost(...args);
    });
    expect(await one.sample()).toBe(null);
    down = false;
    expect((await one.sample())?.[0]).toBe(3);
    one.close();
  });

  test('opens a lost connection again', async () => {
    const one = errorSource(openHost);
    await one.sample();
    at.board.arm({ service: 'vps', match: 'log', kind: 'drop-before', times: 1 });
    expect(await one.sample()).toBe(null);
    expect(await one.sample()).not.toBe(null);
    one.close();
  });
});
