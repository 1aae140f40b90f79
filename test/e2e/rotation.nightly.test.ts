import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { newSealKey } from '../../worker/seal/new-key.ts';
import { editConfig, environment, eventually, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { shipped, thereAndBack, untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'rotated', hosts: 1 },
  { ...good, name: 'waiting', hosts: 1 },
  { ...good, name: 'stranded', hosts: 1 },
];
const keys = { FIRST: newSealKey(), NEXT: newSealKey() };
type Name = keyof typeof keys;

const sealWith = (key: Name, ...valid: Name[]) => ({
  key: `env:${key}`,
  public: valid.map((name) => keys[name].publicKey),
});

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    fleetProjects,
    config: { seal: sealWith('FIRST', 'FIRST') },
    workerEnv: { FIRST: keys.FIRST.key, NEXT: keys.NEXT.key },
  });
});
afterAll(() => stack?.close());

async function restartWith(seal: ReturnType<typeof sealWith>) {
  await stack.workers.stop();
  await editConfig(stack.fleet.configPath, (config) => Object.assign(config, { seal }));
  await stack.workers.start();
}

const notListed = /it is sealed with the key [\w-]{16}, which is not in seal\.public/;

test('deploys under the earlier key end well during a rotation, and are refused if it is removed too early', async () => {
  for (const { name } of fleetProjects) await stack.deploy(name);
  for (const { name } of fleetProjects) await stack.reached(name, 'approval');

  await restartWith(sealWith('NEXT', 'NEXT', 'FIRST'));
  const approval = ['approve', 'rotated', environment, ...stack.as('morgan'), '--yes'];
  const unknown = await stack.cli(approval, { PLIMSOLL_SEAL_PUBLIC: keys.NEXT.publicKey });
  expect(unknown).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('which is not in PLIMSOLL_SEAL_PUBLIC. Nothing was signed.'),
  });
  const both = `${keys.NEXT.publicKey} ${keys.FIRST.publicKey}`;
  stack.fleet.sealPublic = both;
  expect(await stack.cli(approval)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('A worker sealed this plan: checked with the public key'),
  });
  expect(await stack.report('rotated')).toMatchObject({ outcome: 'succeeded' });
  expect(await stack.effectsOf('rotated')).toEqual(shipped('rotated-1'));
  await stack.approve('stranded');
  await stack.reached('stranded', 'watch');

  await restartWith(sealWith('NEXT', 'NEXT'));
  const early = await stack.cli([
    'approve',
    'waiting',
    environment,
    ...stack.as('morgan'),
    '--yes',
  ]);
  expect(early).toMatchObject({ code: 4, stderr: expect.stringMatching(notListed) });
  expect(await stack.effectsOf('waiting')).toEqual(untouched);
  expect(await stack.cli(['rollback', 'stranded', environment])).toMatchObject({ code: 0 });
  const stuck = await eventually('the rollback is stuck', async () => {
    const { stdout } = await stack.cli(['status', 'stranded', environment]);
    const shown = notListed.test(stdout.replaceAll(/\s+/g, ' '));
    return shown && stdout.includes('plimsoll retry') ? stdout : null;
  });
  expect(stuck).toContain('plimsoll retry stranded production');

  await restartWith(sealWith('NEXT', 'NEXT', 'FIRST'));
  expect(await stack.cli(['retry', 'stranded', environment])).toMatchObject({ code: 0 });
  expect(await stack.report('stranded')).toMatchObject({ outcome: 'rolled-back' });
  expect(await stack.effectsOf('stranded')).toEqual(thereAndBack(['stranded-1'], false));
  await stack.approve('waiting');
  await stack.reached('waiting', 'watch');
});
