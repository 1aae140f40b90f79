import { describe, expect, test } from 'vitest';
import { measureBaseline } from '../../../activities/platforms/vps/log/baseline.ts';
import { baselineOf } from '../../../activities/platforms/baseline-of.ts';
import type { HostSession, OpenHost } from '../../../activities/platforms/vps/ssh/on-host.ts';
import { unknown } from '../../../activities/lib/fail.ts';
import type { VpsHost } from '../../../domain/platforms/vps/target.ts';
import { planFor } from '../plan/plan-fixture.ts';

const bucket = (age: number, errors: number, requests = 0) => ({ age, errors, requests, lines: 1 });

describe('a baseline', () => {
  test('adds hosts up; quiet time since the first line of a host was observed', () => {
    const baseline = baselineOf([[bucket(3, 2), bucket(0, 1)], [bucket(1, 4)]], true);
    expect(baseline).toEqual({ errors: 7, requests: (4 + 2) * 300, phi: 1, tau: 0.15 });
  });

  test('counts requests where there is an access log', () => {
    expect(baselineOf([[bucket(1, 0, 50), bucket(0, 1, 70)]], false)).toMatchObject({
      errors: 1,
      requests: 120,
    });
  });

  test('measures bursts and drift once there are three windows', () => {
    const calm = Array.from({ length: 36 }, (_, age) => bucket(age, 0, 100));
    expect(baselineOf([calm], false)).toMatchObject({ phi: 1, tau: 0 });
    const bursts = calm.map((one) => (one.age % 9 === 0 ? { ...one, errors: 20 } : one));
    expect(baselineOf([bursts], false)!.phi).toBeGreaterThan(10);
  });

  test('of nothing is none', () => {
    expect(baselineOf([[]], true)).toBe(null);
    expect(baselineOf([[bucket(0, 3, 0)]], false)).toBe(null);
  });
});

describe('measureBaseline', () => {
  const target = { ...planFor({}).target, hosts: [{ name: 'a' }, { name: 'b' }] as VpsHost[] };
  const measure = (run: HostSession['run'], accessLog: string | null = null) => {
    const open: OpenHost = async () => ({ run, close: () => undefined });
    return measureBaseline(open, { target, accessLog });
  };
  const says =
    (stdout: string, stderr = '') =>
    async () => ({ code: 0, stdout, stderr });

  test('reads a day in buckets of 5 min on every host', async () => {
    expect(await measure(says('bucket 1 2 0 9\nend 100 0\n'))).toMatchObject({
      errors: 4,
      requests: 1200,
    });
  });

  test('is none where a host has no line, no right to read, or nobody can read the pattern', async () => {
    expect(await measure(says('end 100 0\n'))).toBe(null);
    expect(await measure(says('bucket 1 2 0 9\nend 100 1\n'))).toBe(null);
    expect(await measure(says('bucket 1 2 0 9\nend 100 0\n'), '(?=x)')).toBe(null);
  });

  test('is none where one of several hosts has no data', async () => {
    const open: OpenHost = async (_, { name }) => ({
      run: async () => ({
        code: 0,
        stdout: name === 'a' ? 'bucket 1 2 0 9\nend 100 0\n' : 'end 100 1\n',
        stderr: '',
      }),
      close: () => undefined,
    });
    expect(await measureBaseline(open, { target, accessLog: null })).toBe(null);
  });

  test('falls back to an hour where a day takes too long', async () => {
    const asked: string[] = [];
    const slow: HostSession['run'] = async ({ args }) => {
      asked.push(args[1] ?? '');
      if (args[1] === '+86400') throw unknown('did not end in time');
      return { code: 0, stdout: 'bucket 0 1 0 9\nend 100 0\n', stderr: '' };
    };
    expect(await measure(slow)).toMatchObject({ errors: 2, requests: 600 });
    expect(asked.toSorted()).toEqual(['+3600', '+3600', '+86400', '+86400']);
  });

  test('leaves a host that does not answer to the next attempt', async () => {
    const lost = async () => {
      throw new Error('lost');
    };
    await expect(measure(lost)).rejects.toThrow('lost');
  });
});
