import { createVps } from '../../activities/platforms/vps/activities.ts';
import { createSshPool } from '../../activities/platforms/vps/ssh/ssh.ts';
import type { Target } from '../../domain/deploy/plan.ts';
import type { VpsTarget } from '../../domain/platforms/vps/target.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { seedRelease } from '../../sandbox/seed.ts';
import type { VpsHostHandle } from '../../sandbox/platforms/vps/start-vps-host.ts';
import { hostTruth } from '../../sandbox/platforms/vps/truth.ts';
import { definePlatform, repositoryOf } from './stack.ts';
import type { Place } from './stack.ts';
import { vps as matrix } from './vps.cells.ts';

const pool = createSshPool();

function handleOf({ hosts }: Sandbox, { id }: { id: string }) {
  const handle = hosts.find(({ name }) => name === id);
  if (!handle) throw new Error(`the sandbox has no host ${id}`);
  return handle;
}

const hostOf = ({ name, user, sshPort, hostKeyFingerprint, url }: VpsHostHandle) => ({
  name,
  user,
  host: '127.0.0.1',
  port: sshPort,
  hostKey: hostKeyFingerprint,
  url,
});

type Here = Place<VpsTarget>;

const repository = 'acme/vps-good';

async function seeded({ sandbox, id, old, deploy, target, release }: Here) {
  const handle = handleOf(sandbox, { id });
  await seedRelease(handle, sandbox.git.repositories.path(repository), old);
  return { deploy, target, release, host: hostOf(handle) };
}

async function stage(place: Here) {
  const on = await seeded(place);
  await place.act('stageRelease', on);
  return on;
}

async function switchTo(place: Here) {
  const on = await stage(place);
  const { before } = await place.act('switchRelease', on);
  return { ...on, before };
}

async function restart(place: Here) {
  const on = await switchTo(place);
  await place.act('restartService', on);
  const { startUpMs } = place.timing;
  await place.act('verifyHost', { ...on, startUpMs, staysUp: 'later' });
  return on;
}

async function rollBack(place: Here) {
  const { timing, before } = place;
  const on = await restart(place);
  await place.act('rollBackHost', { ...on, release: before, startUpMs: timing.startUpMs });
}

export const vps = definePlatform<VpsTarget>({
  matrix,
  sandbox: (all) => ({ hosts: all.map(({ id }) => ({ name: id, service: { unit: 'shop' } })) }),
  async seed(sandbox, cell, sha) {
    const path = sandbox.git.repositories.path(repositoryOf(cell));
    await seedRelease(handleOf(sandbox, cell), path, sha);
    return undefined;
  },
  target(sandbox, cell) {
    const handle = handleOf(sandbox, cell);
    return {
      platform: 'vps',
      hosts: [hostOf(handle)],
      identity: handle.clientKeyPath,
      directory: handle.directory,
      service: 'shop',
      sudo: false,
      repository: sandbox.git.url(repositoryOf(cell)),
      prepare: null,
      prepareMs: 60_000,
      health: `${handle.insideUrl}/healthz`,
      version: '/version',
      heartbeat: '/heartbeat',
      environmentFile: null,
      requiredVariables: [],
    };
  },
  activities() {
    const verbs = createVps({ over: pool.withSsh, settleMs: 100, pollMs: 50 });
    const inspectHosts = ({ target }: { target: Target }) =>
      verbs.inspectHosts({ target: target as VpsTarget });
    return { ...verbs, inspectHosts };
  },
  procedures: {
    'stage the release': stage,
    'switch to it': switchTo,
    restart,
    'switch back': rollBack,
    'restart during the rollback': rollBack,
  },
  // The release is healthy, but its critical paths fail at once.
  bad: samples.failsLater(0),
  serves: async (sandbox, cell) => {
    const { current, running } = await hostTruth(handleOf(sandbox, cell));
    return current === running ? running : `${running}, though current is ${current}`;
  },
  close: () => pool.close(),
});
