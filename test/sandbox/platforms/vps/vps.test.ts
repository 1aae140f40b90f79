import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crash, one, startMachine, until } from './vps-machine.ts';
import type { Machine } from './vps-machine.ts';

let machine: Machine;
const tool: Machine['tool'] = (...args) => machine.tool(...args);
const show = (property: string) => machine.show(property);
const point = (sha: string) => machine.point(sha);
beforeAll(async () => {
  machine = await startMachine();
});
afterAll(() => machine.stop());

describe('systemctl', () => {
  beforeEach(() => tool('systemctl', 'reset-failed', 'shop'));

  test('shows a unit that never ran as Key=Value lines, and is-active answers 3, 4, 0', async () => {
    const { stdout } = await tool(
      'systemctl',
      'show',
      '-p',
      'ActiveState,MainPID,InvocationID',
      'shop',
    );
    expect(stdout).toBe('ActiveState=inactive\nMainPID=0\nInvocationID=\n');
    expect(await tool('systemctl', 'is-active', 'shop')).toMatchObject({
      code: 3,
      stdout: 'inactive\n',
    });
    expect(await tool('systemctl', 'is-active', 'nope')).toMatchObject({ code: 4 });
    point(one);
    await tool('systemctl', 'restart', 'shop');
    expect(await tool('systemctl', 'is-active', 'shop')).toMatchObject({
      code: 0,
      stdout: 'active\n',
    });
  });

  test('gives every start another InvocationID and main process', async () => {
    point(one);
    await tool('systemctl', 'restart', 'shop');
    const before = [await show('InvocationID'), await show('MainPID')];
    await tool('systemctl', 'restart', 'shop');
    const after = [await show('InvocationID'), await show('MainPID')];
    expect(after[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  test('restarts a process that was killed, and counts it', async () => {
    point(one);
    await tool('systemctl', 'restart', 'shop');
    const pid = Number(await show('MainPID'));
    // With the process id 0, `process.kill` would kill the processes of this test.
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGKILL');
    await until(
      () => show('NRestarts'),
      (count) => count === '1',
    );
    await until(
      () => show('ActiveState'),
      (state) => state === 'active',
    );
    expect((await machine.served()).running).toBe(one);
  });

  test('gives up on a release that crashes at start, and refuses until reset-failed', async () => {
    point(crash);
    await tool('systemctl', 'restart', 'shop');
    await until(
      () => show('ActiveState'),
      (state) => state === 'failed',
    );
    expect([await show('Result'), await show('ExecMainStatus')]).toEqual(['exit-code', '1']);
    expect(await tool('systemctl', 'restart', 'shop')).toMatchObject({ code: 1 });
    await tool('systemctl', 'reset-failed', 'shop');
    expect(await tool('systemctl', 'restart', 'shop')).toMatchObject({ code: 0 });
  });

  test('answers 5 for a unit that it does not have and 1 for a verb', async () => {
    expect(await tool('systemctl', 'restart', 'nope')).toEqual({
      code: 5,
      stdout: '',
      stderr: 'Failed to restart nope.service: Unit nope.service not found.\n',
    });
    expect(await tool('systemctl', 'explode', 'shop')).toMatchObject({ code: 1 });
  });
});

describe('journalctl', () => {
  test('has the output with its priority, by unit, time, priority and number', async () => {
    point(crash);
    await tool('systemctl', 'reset-failed', 'shop');
    const since = Math.floor(Date.now() / 1000);
    await tool('systemctl', 'restart', 'shop');
    await until(
      () => show('ActiveState'),
      (state) => state === 'failed',
    );
    const window = ['--since', `@${since}`, '--until', `@${since + 60}`, '--no-pager'];
    const query = ['-u', 'shop', ...window, '-o', 'json', '-n', '500', '-p', '3'];
    const { stdout } = await tool('journalctl', ...query);
    const [line] = stdout.split('\n').map((text) => JSON.parse(text || '{}') as object);
    expect(line).toEqual({
      __REALTIME_TIMESTAMP: expect.stringMatching(/^\d{16}$/),
      PRIORITY: '3',
      MESSAGE: 'error: DATABASE_URL is not set',
      _SYSTEMD_UNIT: 'shop.service',
      _PID: expect.stringMatching(/^\d+$/),
      SYSLOG_IDENTIFIER: 'shop',
    });
    const none = await tool('journalctl', '-u', 'shop', '--until', '@1', '-o', 'json');
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(await tool('journalctl', '--explode')).toMatchObject({ code: 1 });
  });
});
