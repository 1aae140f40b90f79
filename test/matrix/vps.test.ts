import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createVps } from '../../activities/platforms/vps.ts';
import { createSshPool } from '../../activities/ssh.ts';
import type { Target, VpsTarget } from '../../domain/plan.ts';
import { samples } from '../../sandbox/samples.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { seedRelease } from '../../sandbox/seed.ts';
import type { VpsHostHandle } from '../../sandbox/vps/start-vps-host.ts';
import { hostTruth } from '../../sandbox/vps/truth.ts';
import { bundle } from '../support/saga.ts';
import { realServer } from '../support/sea.ts';
import { cellName, effectsOf, endingOf } from './cells.ts';
import { cellsOf, repositoryOf, sailMatrix } from './sea.ts';
import type { Cell, Harbor, Seen } from './sea.ts';
import { vps } from './vps.cells.ts';

const pool = createSshPool();

function handleOf({ hosts }: Sandbox, { id }: Cell) {
  const handle = hosts.find(({ name }) => name === id);
  if (!handle) throw new Error(`the sandbox has no host ${id}`);
  return handle;
}

const hostOf = ({ name, user, sshPort, hostKeyFingerprint, url }: VpsHostHandle) => ({
  ...{ name, user, host: '127.0.0.1', port: sshPort, hostKey: hostKeyFingerprint, url },
});

const harbor: Harbor = {
  sandbox: (all) => ({ hosts: all.map(({ id }) => ({ name: id, service: { unit: 'shop' } })) }),
  seed: (sandbox, cell, sha) =>
    seedRelease(handleOf(sandbox, cell), sandbox.git.repositories.path(repositoryOf(cell)), sha),
  target(sandbox, cell): VpsTarget {
    const handle = handleOf(sandbox, cell);
    return {
      platform: 'vps',
      hosts: [hostOf(handle)],
      ...{ identity: handle.clientKeyPath, directory: handle.directory, service: 'shop' },
      ...{ sudo: false, repository: sandbox.git.url(repositoryOf(cell)) },
      ...{ prepare: null, prepareMs: 60_000, health: `${handle.insideUrl}/healthz` },
      ...{ version: '/version', heartbeat: '/heartbeat', environmentFile: null },
      requiredVariables: [],
    };
  },
  activities() {
    const verbs = createVps({ over: pool.withSsh, settleMs: 100, pollMs: 50 });
    const inspectHosts = ({ target }: { target: Target }) =>
      verbs.inspectHosts({ target: target as VpsTarget });
    return { ...verbs, inspectHosts };
  },
  // Healthy, and its critical paths fail at once.
  bad: samples.failsLater(0),
  serves: async (sandbox, cell) => {
    const { current, running } = await hostTruth(handleOf(sandbox, cell));
    return current === running ? running : `${running}, though current is ${current}`;
  },
};

const aCause: unknown = expect.stringMatching(/\S/);

let env: TestWorkflowEnvironment;
let seen: Map<string, Seen>;
beforeAll(async () => {
  const code = await bundle();
  env = await realServer(inject('temporalBinary'));
  seen = await sailMatrix(env, code, { matrix: vps, harbor });
}, 240_000);
afterAll(async () => {
  pool.close();
  await env?.teardown();
});

const cells: [string, Cell][] = cellsOf(vps).map((cell) => [cellName(cell.row, cell.column), cell]);

test.each(cells)('%s', (_, { id, row, column }) => {
  expect(seen.get(id)).toEqual({
    ending: endingOf(row, column),
    cause: column.every ? aCause : null,
    serves: row.bad ? 'old' : 'next',
    effects: effectsOf(vps, row, column),
  });
});
