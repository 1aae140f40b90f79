import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProjectSpec } from '../../sandbox/fleet/fleet.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import { freePort } from '../../worker/engine/free-port.ts';
import { editConfig, environment, startStack } from '../support/e2e.ts';
import type { Stack } from '../support/e2e.ts';
import { fullLedger, workWith } from '../support/full-ledger.ts';
import { untouched } from '../support/witness.ts';

const good = { first: samples.good(1), next: samples.good(2), checks: 'success' } as const;
const fleetProjects: ProjectSpec[] = [
  { ...good, name: 'calm', hosts: 1 },
  { ...good, name: 'gone', hosts: 1 },
  { ...good, name: 'stranger', hosts: 1 },
];
const expired = 'valid-before="20200101"';
const otherKey = `SHA256:${'A'.repeat(43)}`;

let stack: Stack;
let closedPort: number;
beforeAll(async () => {
  closedPort = await freePort();
  stack = await startStack({
    fleetProjects,
    worker: false,
    edit: (config) => {
      const host = (name: string) => config.projects[name].environments.production.hosts[0];
      host('gone').address = host('gone').address.replace(/:\d+$/, `:${closedPort}`);
      host('stranger').hostKey = otherKey;
      const { robin } = config.approvers;
      robin.keys = robin.keys.map((line: string) => `${expired} ${line}`);
    },
  });
});
afterAll(() => stack?.close());

async function expectNothingChanged() {
  for (const { name } of fleetProjects) {
    expect(await stack.effectsOf(name)).toEqual(untouched);
    expect(await stack.truthOf(name)).toEqual({ served: ['old old old'], main: 'new' });
  }
}

const deploy = (project: string, more: string[] = [], where = environment) =>
  stack.cli(['deploy', project, where, ...more, ...stack.as('casey')]);

const workerWith = async (edit: (config: any) => void) => {
  const config = join(stack.directory, 'edited.yaml');
  await editConfig(stack.fleet.configPath, edit, config);
  const answer = await stack.cli(['worker', '--config', config], stack.fleet.env);
  return { ...answer, stderr: answer.stderr.replaceAll(config, 'FILE') };
};

describe('before any worker', () => {
  test('no Temporal server', async () => {
    const answer = await stack.cli(['deploy', 'calm', environment, ...stack.as('casey')], {
      TEMPORAL_ADDRESS: `127.0.0.1:${closedPort}`,
    });
    expect(answer).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `No Temporal server answers at 127.0.0.1:${closedPort}. Nothing was changed.\n` +
        'Start everything on this machine:  plimsoll up\n' +
        'Use a server elsewhere:  TEMPORAL_ADDRESS=host:7233 plimsoll …  (or TEMPORAL_PROFILE=name)\n' +
        'Use the door of a worker:  PLIMSOLL_SERVER=https://host plimsoll …\n',
    });
  });

  test('no worker', async () => {
    expect(await deploy('calm')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `No worker has ever started at ${stack.address} (namespace default), so nothing can be done.\n` +
        'Start one with your configuration:  plimsoll worker --config plimsoll.yaml\n' +
        'Or everything on this machine:  plimsoll up\n',
    });
  });

  test('a typo in a key of plimsoll.yaml', async () => {
    const answer = await workerWith(({ projects }) => {
      const { production } = projects.calm.environments;
      production.heartbeet = production.heartbeat;
      delete production.heartbeat;
    });
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toMatch(
      /^FILE cannot be used: one problem\. Nothing was started\.\n\nFILE:\d+:\d+ {2}projects\.calm\.environments\.production\.heartbeet\n {2}"heartbeet" is not a key that Plimsoll knows\. Did you mean "heartbeat"\?\n {2}Keys here: platform, /,
    );
    expect(answer.stderr).toContain('See every key with its meaning: plimsoll schema');
  });

  test('a rule of approval that nobody can meet', async () => {
    const answer = await workerWith(({ approvers, projects }) => {
      delete approvers.robin;
      projects.calm.environments.production.approvers = 2;
    });
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toContain(
      'No deploy to production could ever be approved: 2 approvers are required and only ' +
        'morgan is configured: add a second person under "approvers:", or set "solo: touch-key".',
    );
  });
});

describe('with a worker', () => {
  beforeAll(() => stack.workers.start());
  afterAll(() => stack.workers.stop());

  test('a queue that no worker polls any more', async () => {
    const env = { PLIMSOLL_TASK_QUEUE: 'plimsoll-of-yesterday' };
    const answer = await stack.cli(['deploy', 'calm', environment, ...stack.as('casey')], env);
    expect(answer).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'No worker polls the queue plimsoll-of-yesterday. Nothing was started.\n' +
        'Start the worker of this queue again:  plimsoll worker --config plimsoll.yaml\n' +
        'Or everything on this machine:  plimsoll up\n',
    });
  });

  test('an unknown project', async () => {
    expect(await deploy('clam')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'There is no project "clam". Did you mean "calm"? Nothing was started.\n' +
        'Known projects: calm, gone, stranger.\n' +
        "The names come from the worker's plimsoll.yaml. After a change, start the worker again: plimsoll worker\n",
    });
  });

  test('an unknown environment', async () => {
    expect(await deploy('calm', [], 'prodution')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'There is no environment "prodution" of calm. Did you mean "production"? Nothing was started.\n' +
        'Known environments of calm: production.\n' +
        "The names come from the worker's plimsoll.yaml. After a change, start the worker again: plimsoll worker\n",
    });
  });

  test('a ref that does not exist', async () => {
    const url = stack.fleet.sandbox.git.url('acme/calm');
    const answer = await deploy('calm', ['--ref', 'no-such-branch']);
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toContain(
      `${url} has no branch, tag or commit "no-such-branch".\nTo see all names: git ls-remote ${url}\n`,
    );
  });

  test('a ref that git would take for an option', async () => {
    expect(await deploy('calm', ['--ref=--upload-pack=x'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'The ref "--upload-pack=x" cannot be used: it begins with "-". Nothing was started.\n' +
        'See what is allowed: plimsoll deploy --help\n',
    });
  });

  test('a host that does not answer', async () => {
    const answer = await deploy('gone');
    expect(answer).toMatchObject({ code: 2, stdout: '' });
    expect(answer.stderr).toMatch(
      new RegExp(
        `Nothing can be planned while a host does not answer: \\S+@127\\.0\\.0\\.1:${closedPort} .*ECONNREFUSED.*\\n?.*` +
          `\\nNothing was touched\\. Check the host: ssh -i \\S+ -p ${closedPort} \\S+@127\\.0\\.0\\.1 true`,
      ),
    );
  });

  test('a host with another key than the pinned one', async () => {
    const [fleetProject] = stack.fleet.fleetProjects.filter(({ name }) => name === 'stranger');
    const answer = await deploy('stranger');
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toContain('showed another host key than the pinned one, so nothing was');
    expect(answer.stderr).toContain(`expected: ${otherKey}`);
    expect(answer.stderr).toContain(`seen:     ${fleetProject?.hosts[0]?.hostKeyFingerprint}`);
    expect(answer.stderr).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
  });

  test('a key that has run out neither requests nor approves', async () => {
    const asked = await stack.cli(['deploy', 'calm', environment, ...stack.as('robin')]);
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toMatch(
      /The signature of the request is not robin's: its key expired at 2020-01-01\S*\.\nSign with a key that plimsoll\.yaml lists for that name: --key PATH/,
    );
    await stack.deploy('calm');
    await stack.reached('calm', 'approval');
    const answer = await stack.cli(['approve', 'calm', environment, ...stack.as('robin'), '--yes']);
    expect(answer).toMatchObject({ code: 4, stdout: '' });
    expect(answer.stderr).toMatch(
      /The decision does not count: the signature is not robin's: its key expired at 2020-01-01\S*\. The ledger records it, and nothing changed\.\nSee who may approve: {2}plimsoll status calm production\n$/,
    );
    expect(await stack.status('calm')).toMatchObject({ phase: 'approval', outcome: null });
    await stack.cli(['abort', 'calm', environment]);
    expect(await stack.report('calm')).toMatchObject({ outcome: 'aborted', touched: false });
  });

  test('after all of it nothing has changed anywhere', expectNothingChanged);
});

test('a full ledger starts no deploy', async () => {
  const path = join(stack.directory, 'full.db');
  const ledger = await fullLedger(path);
  const work = await workWith({ stack, ledger });
  try {
    const answer = await deploy('calm');
    expect(answer).toMatchObject({ code: 1, stdout: '' });
    expect(answer.stderr).toContain(
      'The deploy of calm production failed: The ledger ' +
        `${path} is full. Nothing was written, because the disk is full or the ledger reached its size limit.\n` +
        'Free space on that disk, or move the file and set "ledger:" in plimsoll.yaml to the new path. ' +
        'Then start the worker again: plimsoll up\n',
    );
    await expectNothingChanged();
  } finally {
    await work.end();
    await ledger.close();
  }
});
