import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostPattern } from '../../../activities/watch/access-pattern.ts';
import { countsOf, readLog } from '../../../activities/watch/host-log.ts';
import { createLogEyes } from '../../../activities/platforms/vps/log-eye.ts';
import { openHost } from '../../../activities/watch/on-host.ts';
import type { HostSession, OpenHost } from '../../../activities/watch/on-host.ts';
import { hostWith } from './host.ts';
import { fromTheBegin } from '../../support/drivers.ts';

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
  ])('is blind, not empty: %j (%s)', (answer) => expect(countsOf(answer)).toBe(null));
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

describe('the eyes on the log', () => {
  const eyes = (open: OpenHost, accessLog: string | null = null, agoMs = 20_000) =>
    createLogEyes({
      openHost: open,
      target: at.target,
      watch: { accessLog },
      agoMs: () => agoMs,
      ...fromTheBegin,
    });

  test('keep one connection, count seconds without an access log, and nothing twice', async () => {
    let opened = 0;
    const one = eyes((...args) => {
      opened += 1;
      return openHost(...args);
    });
    expect(await one.look()).toEqual([3, 20]);
    await sleep(1100);
    const [errors, seconds] = (await one.look())!;
    expect(errors).toBe(0);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(opened).toBe(1);
    one.close();
  });

  test('count requests with an access log; one that no host can read is blind', async () => {
    const one = eyes(openHost, 'GET \\S+');
    expect(await one.look()).toEqual([3, 2]);
    one.close();
    const none = eyes(openHost, '(?=GET)');
    expect(await none.look()).toBe(null);
  });

  test('are blind while a host does not answer, and count what they missed afterwards', async () => {
    let down = true;
    const one = eyes(async (...args) => {
      if (down) throw new Error('connection refused');
      return openHost(...args);
    });
    expect(await one.look()).toBe(null);
    down = false;
    expect((await one.look())?.[0]).toBe(3);
    one.close();
  });

  test('open a lost connection anew', async () => {
    const one = eyes(openHost);
    await one.look();
    at.board.arm({ service: 'vps', match: 'log', kind: 'drop-before', times: 1 });
    expect(await one.look()).toBe(null);
    expect(await one.look()).not.toBe(null);
    one.close();
  });
});
