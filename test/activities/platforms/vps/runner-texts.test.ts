import { describe, expect, test } from 'vitest';
import { restart } from '../../../../activities/platforms/vps/restart.ts';
import { exits } from '../../../../activities/platforms/vps/scripts.ts';
import { stage } from '../../../../activities/platforms/vps/stage.ts';
import { switchTo } from '../../../../activities/platforms/vps/switch.ts';
import type { Remote, RemoteResult } from '../../../../activities/platforms/vps/ssh/remote.ts';
import type { VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { planFor } from '../../../support/plan.ts';
import { failureOf } from './fixture.ts';

const sha = 'a'.repeat(40);
const { signal } = new AbortController();
const systemd: VpsTarget = { ...planFor().target, directory: '/srv/shop', service: 'shop' };
const docker: VpsTarget = { ...systemd, run: 'docker' };
const compose: VpsTarget = {
  ...systemd,
  run: 'compose',
  service: 'web',
  compose: { file: 'compose.yaml', project: 'shop', tag: 'IMAGE_TAG' },
};
const remote = (answer: Partial<RemoteResult>): Remote => ({
  name: 'one',
  run: async () => ({ code: 0, stdout: '', stderr: '', ...answer }),
});
const staging = (target: VpsTarget, answer: Partial<RemoteResult>) =>
  failureOf(stage(remote(answer), target, { sha, epoch: null }));
const restarting = (target: VpsTarget, answer: Partial<RemoteResult>) =>
  failureOf(restart(remote(answer), { target, to: { sha, epoch: null }, before: 'then' }, signal));

describe('a container that cannot be driven is named, with what to do', () => {
  test.each<[string, VpsTarget, Partial<RemoteResult>, string]>([
    [
      'it is not there',
      docker,
      { code: exits.noSuchContainer },
      'one has no container shop. Correct container in plimsoll.yaml. ' +
        'List the containers of the host: docker ps -a',
    ],
    [
      'it mounts something else',
      docker,
      { code: exits.notMounted, stdout: '/srv/old\n/etc/ssl\n' },
      'one: the container shop does not mount /srv/shop/current (it mounts /srv/old, /etc/ssl), so a ' +
        'restart would run the old code. Create the container again: docker run … -v /srv/shop/current:/app …',
    ],
    [
      'its image has a fixed tag',
      compose,
      { code: exits.imageNotTagged, stdout: 'image=acme/shop:latest\n' },
      'one: the image of web (acme/shop:latest) is not tagged with IMAGE_TAG, so a build would replace ' +
        'the previous image. Write in compose.yaml: image: acme/shop:${IMAGE_TAG}',
    ],
    [
      'docker is not there',
      docker,
      { code: exits.noDocker, stderr: 'docker: not found\n' },
      'one has no docker. Install docker on this host.',
    ],
    [
      'docker is not for this user',
      compose,
      {
        code: exits.noDocker,
        stderr: 'permission denied while trying to connect to docker.sock\n',
      },
      'one: the ssh user may not use docker. Set sudo: true in plimsoll.yaml, ' +
        'or run on the host: sudo usermod -aG docker <user>\npermission denied while trying to connect to docker.sock',
    ],
    [
      'its build failed',
      compose,
      { code: exits.prepareFailed, stdout: 'npm error missing script\n' },
      `one: prepare or build of ${sha.slice(0, 12)} failed. The live release was not touched. ` +
        'Its last lines:\nnpm error missing script\n' +
        `Try it on the host: cd /srv/shop/releases/${sha} && IMAGE_TAG=${sha} docker compose -f compose.yaml build web`,
    ],
  ])('%s', async (_, target, answer, message) => {
    expect(await staging(target, answer)).toMatchObject({ final: true, message });
  });

  test('a docker that does not answer is asked again', async () => {
    const answer = { code: exits.noDocker, stderr: 'Cannot connect to the Docker daemon\n' };
    expect(await staging(docker, answer)).toEqual({
      type: 'Unavailable',
      final: false,
      message: 'one: docker does not answer: Cannot connect to the Docker daemon',
    });
  });

  test('a failed docker compose up is reported in its own words', async () => {
    const stdout = 'exit=17\nlog=failed to solve\nlog=exit code: 1\nLoadState=loaded\n';
    expect(await restarting(compose, { stdout })).toEqual({
      type: 'UnhealthyRelease',
      final: true,
      message:
        'one: docker compose up of web ended with exit code 17. Its last lines:\nfailed to solve\nexit code: 1',
    });
  });

  test('a compose service without a container is named', async () => {
    expect(await restarting(compose, { stdout: 'exit=0\nLoadState=not-found\n' })).toEqual({
      type: 'RejectedByPlatform',
      final: true,
      message:
        'one has no container of the compose service web. ' +
        'Check compose.service and compose.project in plimsoll.yaml. List the containers ' +
        'of the compose project on the host: docker compose -p shop ps -a',
    });
  });

  test('a restart that changed nothing is an error', async () => {
    const stdout =
      'exit=0\nLoadState=loaded\nActiveState=active\nSubState=running\nInvocationID=then\n';
    const proofs = [
      [
        docker,
        'docker restart shop ended with exit code 0, but StartedAt',
        'docker ps -a --filter name=shop',
      ],
      [
        compose,
        'docker compose -p shop up -d --build web ended with exit code 0, but StartedAt',
        'docker compose -p shop ps -a web',
      ],
      [
        systemd,
        'systemctl restart shop ended with exit code 0, but InvocationID',
        'systemctl status shop',
      ],
    ] as const;
    for (const [target, did, look] of proofs)
      expect(await restarting(target, { stdout })).toEqual({
        type: 'UnknownOutcome',
        final: false,
        message: `one: ${did} did not change, so the service was not restarted. Check on the host: ${look}`,
      });
  });

  test('a commit that is not in the checkout is named', async () => {
    const target: VpsTarget = { ...systemd, checkout: 'in-place' };
    const switching = switchTo(remote({ code: exits.noSuchRelease }), target, {
      sha,
      want: null,
      epoch: null,
    });
    expect((await failureOf(switching)).message).toBe(
      `one: commit ${sha.slice(0, 12)} is not in the checkout /srv/shop. ` +
        'Deploy this commit again so that it is staged.',
    );
  });
});
