import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../../../sandbox/samples/samples.ts';
import { failureOf, run, deployRelease, startVpsFixture } from './fixture.ts';
import type { VpsFixture } from './fixture.ts';

const trees = [
  samples.good(1),
  samples.crashesAtStart(),
  samples.wrongPort(),
  samples.neverHealthy(),
  samples.good(2),
];

describe('a release that does not come up', () => {
  let vpsFixture: VpsFixture;
  let [good, crashes, wrongPort, never, other] = ['', '', '', '', ''];
  beforeAll(async () => {
    vpsFixture = await startVpsFixture({ trees });
    [good = '', crashes = '', wrongPort = '', never = '', other = ''] = vpsFixture.shas;
    await deployRelease(vpsFixture, good);
  });
  afterAll(() => vpsFixture.stop());

  const failing = async (sha: string, startUpMs: number) => {
    const { vps, step } = vpsFixture;
    await run(vps.stageRelease, step(sha));
    const { before } = await run(vps.switchRelease, step(sha));
    return failureOf(
      run(vps.restartService, { ...step(sha), before }).then(() =>
        run(vps.verifyHost, { ...step(sha), startUpMs }),
      ),
    );
  };
  const back = (sha: string) =>
    run(vpsFixture.vps.rollBackHost, { ...vpsFixture.step(sha), startUpMs: 10_000 });

  test('a crash at start is reported with the last lines, and the rollback still works', async () => {
    const failure = await failing(crashes, 10_000);
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(failure.message).toContain(`release ${crashes.slice(0, 12)}`);
    expect(failure.message).toContain('error: DATABASE_URL is not set');
    expect(failure.message).toContain('See more: journalctl -u shop -n 100');
    expect(failure.message.split('\n').length).toBeLessThanOrEqual(30);
    // The failed starts have reached the start limit of systemd. Without reset-failed, systemd
    // refuses the restart during the rollback.
    expect(await back(good)).toMatchObject({ sha: good, runningSha: good, healthy: true });
  });

  test('the wrong port is named', async () => {
    const failure = await failing(wrongPort, 3000);
    const port = new URL(vpsFixture.handles[0]?.url as string).port;
    expect(failure.type).toBe('UnhealthyRelease');
    expect(failure.message).toMatch(
      new RegExp(
        `the service does not listen on port ${port}, but on \\d+\\. ` +
          'Use one port for the service and for health in plimsoll\\.yaml',
      ),
    );
    expect(await back(good)).toMatchObject({ runningSha: good, healthy: true });
  });

  test('one that never becomes healthy says what was seen', async () => {
    const failure = await failing(never, 3000);
    const url = vpsFixture.handles[0]?.insideUrl;
    expect(failure).toMatchObject({ type: 'UnhealthyRelease', final: true });
    expect(failure.message.split('\n').slice(0, 3)).toEqual([
      `shop-1: release ${never.slice(0, 12)} is not healthy (it had 3 s):`,
      `- on the host, ${url}/healthz answered 503; 2xx is healthy`,
      `- from outside, ${url}/healthz answered 503; 2xx is healthy`,
    ]);
    expect(await back(good)).toMatchObject({ runningSha: good, healthy: true });
  });

  test('a prepare that fails does not touch the live release', async () => {
    const step = vpsFixture.step(other, 0, { prepare: 'echo "npm ERR! password=hunter2"; exit 7' });
    const failure = await failureOf(run(vpsFixture.vps.stageRelease, step));
    const { directory } = vpsFixture.handles[0] as { directory: string };
    expect(failure).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      message:
        `shop-1: prepare of ${other.slice(0, 12)} failed. The live release was not touched. ` +
        'Its last lines:\nnpm ERR! password=…\n' +
        `Try it on the host: cd ${directory}/releases/${other} && ${step.target.prepare}`,
    });
    const [state] = await run(vpsFixture.vps.inspectHosts, { target: vpsFixture.target });
    expect(state).toMatchObject({ sha: good, runningSha: good, healthy: true });
    expect(state?.ready).not.toContain(other);
  });

  test('a prepare that hangs is stopped', async () => {
    const step = vpsFixture.step(other, 0, { prepare: 'echo started; sleep 60', prepareMs: 1000 });
    const failure = await failureOf(run(vpsFixture.vps.stageRelease, step));
    expect(failure).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      message:
        `shop-1: prepare of ${other.slice(0, 12)} did not end within 1 s and was stopped. The live release ` +
        'was not touched. Raise prepareMinutes, or make the command quicker.\nIts last lines:\nstarted',
    });
  });

  test('a prepare that works runs once, in the release', async () => {
    const step = vpsFixture.step(other, 0, { prepare: 'pwd > prepared.txt' });
    expect(await run(vpsFixture.vps.stageRelease, step)).toEqual({ staged: 'done' });
    expect(await run(vpsFixture.vps.stageRelease, step)).toEqual({ staged: 'already' });
    expect(vpsFixture.effects().filter((it) => it === `prepare shop-1 ${other}`)).toHaveLength(3);
  });

  test('a rollback target that was never prepared is refused with the prepared ones', async () => {
    const sha = 'f'.repeat(40);
    const { directory } = vpsFixture.handles[0] as { directory: string };
    const failure = await failureOf(back(sha));
    expect(failure).toMatchObject({ type: 'RejectedByPlatform', final: true });
    expect(failure.message).toContain(
      `shop-1: ${directory}/releases/${sha} does not exist or was never fully prepared. Prepared releases: `,
    );
    expect(failure.message).toContain(good.slice(0, 12));
  });

  test('a commit that the repository does not have', async () => {
    const sha = 'e'.repeat(40);
    const failure = await failureOf(run(vpsFixture.vps.stageRelease, vpsFixture.step(sha)));
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        `shop-1: commit eeeeeeeeeeee cannot be fetched from ${vpsFixture.target.repository}. Push it, or check on ` +
        `the host: git ls-remote ${vpsFixture.target.repository}`,
    });
  });

  test('a unit that does not exist', async () => {
    const step = vpsFixture.step(good, 0, { service: 'shopp' });
    const failure = await failureOf(run(vpsFixture.vps.restartService, { ...step, before: null }));
    expect(failure).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'shop-1 has no systemd unit shopp. Correct service in plimsoll.yaml. ' +
        'List the units of the host: systemctl list-units --type=service',
    });
  });
});
