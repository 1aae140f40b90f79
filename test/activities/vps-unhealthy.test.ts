import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../sandbox/samples.ts';
import { failureOf, run, ship, startVoyage } from './vps-fixture.ts';
import type { Voyage } from './vps-fixture.ts';

const trees = [
  samples.good(1),
  samples.crashesAtStart(),
  samples.wrongPort(),
  samples.neverHealthy(),
  samples.good(2),
];

describe('a release that does not come up', () => {
  let voyage: Voyage;
  let [good, crashes, wrongPort, never, other] = ['', '', '', '', ''];
  beforeAll(async () => {
    voyage = await startVoyage({ trees });
    [good = '', crashes = '', wrongPort = '', never = '', other = ''] = voyage.shas;
    await ship(voyage, good);
  });
  afterAll(() => voyage.stop());

  const failing = async (sha: string, startUpMs: number) => {
    const { vps, step } = voyage;
    await run(vps.stageRelease, step(sha));
    const { before } = await run(vps.switchRelease, step(sha));
    return failureOf(
      run(vps.restartService, { ...step(sha), before }).then(() =>
        run(vps.verifyHost, { ...step(sha), startUpMs }),
      ),
    );
  };
  const back = (sha: string) =>
    run(voyage.vps.restoreHost, { ...voyage.step(sha), startUpMs: 10_000 });

  test('a crash at start is told with the last lines, and the way back still works', async () => {
    const failure = await failing(crashes, 10_000);
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(failure.message).toContain(`release ${crashes.slice(0, 12)}`);
    expect(failure.message).toContain('error: DATABASE_URL is not set');
    expect(failure.message).toContain('See more: journalctl -u shop -n 100');
    expect(failure.message.split('\n').length).toBeLessThanOrEqual(30);
    // The start limit is used up by now: without reset-failed systemd refuses the restart of the
    // way back.
    expect(await back(good)).toMatchObject({ sha: good, runningSha: good, healthy: true });
  });

  test('the wrong port is named', async () => {
    const failure = await failing(wrongPort, 3000);
    const port = new URL(voyage.handles[0]?.url as string).port;
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toMatch(
      new RegExp(
        `nothing of the service listens on port ${port}, but it listens on \\d+: ` +
          'make the service and health agree on one port \\(8000 instead of 18789 is the classic mistake\\)',
      ),
    );
    expect(await back(good)).toMatchObject({ runningSha: good, healthy: true });
  });

  test('one that never becomes healthy says what was seen', async () => {
    const failure = await failing(never, 3000);
    const url = voyage.handles[0]?.insideUrl;
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(failure.message.split('\n').slice(0, 3)).toEqual([
      `shop-1: release ${never.slice(0, 12)} is not healthy (it had 3 s):`,
      `- on the host, ${url}/healthz answered 503; 2xx is healthy`,
      `- outside, ${url}/healthz answered 503; 2xx is healthy`,
    ]);
    expect(await back(good)).toMatchObject({ runningSha: good, healthy: true });
  });

  test('a prepare that fails leaves what is served alone', async () => {
    const step = voyage.step(other, 0, { prepare: 'echo "npm ERR! password=hunter2"; exit 7' });
    const failure = await failureOf(run(voyage.vps.stageRelease, step));
    const { directory } = voyage.handles[0] as { directory: string };
    expect(failure).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      message:
        `shop-1: prepare of ${other.slice(0, 12)} failed; nothing that is served was touched. ` +
        'Its last lines:\nnpm ERR! password=…\n' +
        `Try it: cd ${directory}/releases/${other} && ${step.target.prepare}`,
    });
    const [state] = await run(voyage.vps.inspectHosts, { target: voyage.target });
    expect(state).toMatchObject({ sha: good, runningSha: good, healthy: true });
    expect(state?.ready).not.toContain(other);
  });

  test('a prepare that hangs is stopped', async () => {
    const step = voyage.step(other, 0, { prepare: 'echo started; sleep 60', prepareMs: 1000 });
    const failure = await failureOf(run(voyage.vps.stageRelease, step));
    expect(failure).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      message:
        `shop-1: prepare of ${other.slice(0, 12)} did not end within 1 s and was stopped; nothing that is ` +
        'served was touched. Raise prepareMinutes or make it quicker.\nIts last lines:\nstarted',
    });
  });

  test('a prepare that works runs once, in the release', async () => {
    const step = voyage.step(other, 0, { prepare: 'pwd > prepared.txt' });
    expect(await run(voyage.vps.stageRelease, step)).toEqual({ staged: 'done' });
    expect(await run(voyage.vps.stageRelease, step)).toEqual({ staged: 'already' });
    expect(voyage.effects().filter((it) => it === `prepare shop-1 ${other}`)).toHaveLength(3);
  });

  test('a restore target that was never prepared is refused with what is there', async () => {
    const sha = 'f'.repeat(40);
    const { directory } = voyage.handles[0] as { directory: string };
    const failure = await failureOf(back(sha));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
    expect(failure.message).toContain(
      `shop-1: ${directory}/releases/${sha} is not there or was never prepared to its end. Prepared are: `,
    );
    expect(failure.message).toContain(good.slice(0, 12));
  });

  test('a commit that the repository does not have', async () => {
    const sha = 'e'.repeat(40);
    const failure = await failureOf(run(voyage.vps.stageRelease, voyage.step(sha)));
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: commit eeeeeeeeeeee cannot be had from ${voyage.target.repository}. Push it, or check on ` +
        `the host: git ls-remote ${voyage.target.repository}`,
    });
  });

  test('a unit that does not exist', async () => {
    const step = voyage.step(good, 0, { service: 'shopp' });
    const failure = await failureOf(run(voyage.vps.restartService, { ...step, before: null }));
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'shop-1 has no systemd unit shopp. See what it has: systemctl list-units --type=service; then ' +
        'correct service in plimsoll.yaml.',
    });
  });
});
