import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  beforeEachChange,
  inAttempt,
  mayChangeNow,
  mustBeInTime,
} from '../../../activities/lib/attempt.ts';
import { clocks } from '../../../activities/lib/clocks.ts';
import { boundedFetch, request } from '../../../activities/lib/http.ts';
import { runGit } from '../../../activities/git/run.ts';
import { runProcess } from '../../../activities/lib/process.ts';
import { converse } from '../../../activities/platforms/vps/ssh/remote.ts';
import type { Channel } from '../../../activities/platforms/vps/ssh/connection.ts';
import { MockActivityEnvironment } from '../../support/activity-environment.ts';

const asked: string[] = [];
let server: Server;
let url = '';
const usual = { ...clocks };
/** What each clock shows more than before the test. */
let jump = { wall: 0, monotonic: 0 };
/** How often the attempt has read the clocks. */
let looks = 0;
let onLook = (_look: number) => {};

beforeAll(async () => {
  server = createServer((it, answer) => {
    asked.push(it.method ?? '');
    answer.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  jump = { wall: 0, monotonic: 0 };
  looks = 0;
  onLook = () => {};
  const [wall, monotonic] = [Date.now(), performance.now()];
  clocks.wall = () => {
    looks += 1;
    onLook(looks);
    return wall + jump.wall;
  };
  clocks.monotonic = () => monotonic + jump.monotonic;
});
afterEach(() => void Object.assign(clocks, usual));

const attempt = <T>(work: () => Promise<T>, heartbeatTimeoutMs?: number) =>
  new MockActivityEnvironment({
    startToCloseTimeoutMs: 100_000,
    ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }),
  }).run(() => inAttempt(work));

const post = () => request({ method: 'POST', url, body: {}, timeoutMs: 5000 });
const tooLong =
  'This attempt of the step has run for 96 s, and Temporal gives it up after 100 s. Nothing was ' +
  'sent after that. Temporal gives the step to a worker again, and the next attempt first looks at ' +
  'what is live.';
const paused =
  'The worker was paused for 6 s in this step, so another worker may do the step already, or the ' +
  'deploy may be rolled back. Nothing was sent after that. Temporal gives the step to a worker ' +
  'again, and the next attempt first looks at what is live.';

test.each([
  ['the wall clock', { wall: 96_000, monotonic: 0 }],
  ['the monotonic clock', { wall: 0, monotonic: 96_000 }],
])('nothing is sent when %s has passed the end of the attempt', async (_, late) => {
  const work = attempt(async () => {
    await post();
    jump = late;
    await post();
  });
  await expect(work).rejects.toMatchObject({
    message: tooLong,
    type: 'Unavailable',
    nonRetryable: false,
  });
  expect(asked).toEqual(['POST']);
});

test('a pause of half the heartbeat timeout ends the attempt for good', async () => {
  const work = attempt(async () => {
    jump.wall = 6000;
    expect(() => mustBeInTime()).toThrow(paused);
    return await post();
  }, 10_000);
  await expect(work).rejects.toThrow(paused);
  expect(asked).toEqual([]);
});

test('a short pause, and a clock that is set back, end no attempt', async () => {
  const work = attempt(async () => {
    jump.wall = 4000;
    await post();
    jump.wall = -4 * 60 * 60_000;
    await post();
  }, 10_000);
  await work;
  expect(asked).toEqual(['POST', 'POST']);
});

test('a pause between the check and the first byte is noticed', async () => {
  const work = attempt(async () => {
    onLook = (look) => {
      if (look === 3) jump.wall = 96_000;
    };
    return await post();
  });
  await expect(work).rejects.toThrow(tooLong);
  expect(asked).toEqual([]);
});

test.each([
  ['a read', () => request({ method: 'GET', url, timeoutMs: 5000 })],
  ['a request of a vendor library', () => boundedFetch(5000)(url, { method: 'PUT', body: '{}' })],
  ['git', () => runGit(['version'])],
  ['a program', () => runProcess(['touch', marker], { cwd: '/', env: {}, timeoutMs: 5000 })],
  ['a script over ssh', () => script()],
])('a late attempt starts nothing: %s', async (_, send) => {
  const work = attempt(async () => {
    jump.monotonic = 96_000;
    await send();
  });
  await expect(work).rejects.toThrow(tooLong);
  expect([asked, existsSync(marker), sent]).toEqual([[], false, []]);
});

const marker = join(tmpdir(), `plimsoll-attempt-${process.pid}`);
const sent: string[] = [];
function script() {
  const channel = Object.assign(new EventEmitter(), {
    stderr: new EventEmitter(),
    end: (text: string) => sent.push(text),
    close: () => {},
  }) as unknown as Channel;
  return converse(channel, 'true', {
    ...{ name: 'one', step: 'switch', timeoutMs: 10, changes: true, signal: undefined },
  });
}

test('every change asks the checks of the effect first, and a read does not', async () => {
  const checks: string[] = [];
  const work = attempt(async () => {
    beforeEachChange(async () => void checks.push('checked'));
    await request({ method: 'GET', url, timeoutMs: 5000 });
    await post();
    await boundedFetch(5000)(url, { method: 'PUT', body: '{}' });
    beforeEachChange(() => Promise.reject(new Error('the rollback has begun')));
    await mayChangeNow();
  });
  await expect(work).rejects.toThrow('the rollback has begun');
  expect([asked, checks]).toEqual([
    ['GET', 'POST', 'PUT'],
    ['checked', 'checked', 'checked'],
  ]);
});

test('a fresh check is not repeated', async () => {
  let checks = 0;
  await attempt(async () => {
    beforeEachChange(async () => void (checks += 1), { freshMs: 2000 });
    await mayChangeNow();
    jump.monotonic = 2500;
    await mayChangeNow();
    await mayChangeNow();
  });
  expect(checks).toBe(1);
});

test('outside of an effect, there is no end', async () => {
  jump.wall = 1e9;
  await post();
  expect(asked).toEqual(['POST']);
});
