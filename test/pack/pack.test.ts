import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import { spawnGuarded } from '../../worker/engine/guarded.ts';
import { temporary } from '../bin/fake-command.ts';
import { until } from '../engine/processes.ts';

const run = promisify(execFile);
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const home = temporary('installed');
const plimsoll = join(home, 'node_modules', '.bin', 'plimsoll');

/** A user's shell: nothing that `npm test` told its children, and the Node that runs this test. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|TEMPORAL_)/i.test(name),
  );
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  return { ...Object.fromEntries(own), NODE_ENV: '', PATH: path, ...more };
}

beforeAll(async () => {
  const env = environment();
  await run('npm', ['pack', '--pack-destination', home], { cwd: root, env });
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(home, 'package.json'), '{}');
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...quiet, `./${tarball}`], { cwd: home, env });
}, 300_000);

test('the package has what it runs and none of the sandbox or the tests', () => {
  const installed = readdirSync(join(home, 'node_modules', 'plimsoll'));
  expect(installed.toSorted()).toEqual(
    expect.arrayContaining(['README.md', 'bin', 'dist', 'package.json'].filter(shipped)),
  );
  expect(readdirSync(join(home, 'node_modules', 'plimsoll', 'dist')).toSorted()).toEqual([
    'activities',
    'client',
    'domain',
    'worker',
    'workflow-bundle.js',
    'workflows',
  ]);
});

const shipped = (name: string) => name === 'dist' || existsSync(join(root, name));

test('installed elsewhere, --help answers', async () => {
  const { stdout, stderr } = await run(plimsoll, ['--help'], { cwd: home, env: environment() });
  expect(stdout).toMatch(/^Usage: plimsoll /);
  expect(stderr).toBe('');
});

let server: DevServer | undefined;
afterAll(async () => {
  await server?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('installed elsewhere, a worker polls from its own bundle', async () => {
  server = await startDevServer({ binary: inject('temporalBinary') });
  const { address } = server;
  const config = join(home, 'plimsoll.yaml');
  writeFileSync(config, yaml);
  const env = environment({ TEMPORAL_ADDRESS: address, HOME: home, XDG_DATA_HOME: home });
  const worker = await spawnGuarded(plimsoll, ['worker', '--config', config], { cwd: home, env });
  try {
    let said = '';
    for (const stream of [worker.process.stdout, worker.process.stderr])
      stream?.on('data', (chunk) => (said += chunk));
    await Promise.race([
      until(() => queueOf(said) !== undefined, 60_000),
      worker.exited.then(() => Promise.reject(new Error(`the worker ended:\n${said}`))),
    ]);
    await until(() => isPolled(address, queueOf(said) ?? ''), 30_000);
    await worker.stop();
    expect([await worker.exited, said.match(/Experimental|Bundl/)]).toEqual([0, null]);
  } finally {
    await worker.stop();
  }
}, 120_000);

const queueOf = (said: string) => /(?:Working|polling).* queue (\S+)\./.exec(said)?.[1];

async function isPolled(address: string, name: string): Promise<boolean> {
  const connection = await Connection.connect({ address });
  try {
    const taskQueue = { name };
    const request = { namespace: 'default', taskQueue, taskQueueType: 1 as const };
    const { pollers } = await connection.workflowService.describeTaskQueue(request);
    return (pollers ?? []).length > 0;
  } finally {
    await connection.close();
  }
}

const yaml = `sandbox: true
approvers:
  ana:
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDeU5dQv/6odhZp9KerCk+fBhsh8rVDLMErtC+dsKEG5]
    emails: [ana@example.com]
  ben:
    keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8VUVF/dkqAj5CQztdTpVLZKrsqAj3BVejjSYHuYvdZ]
    emails: [ben@example.com]
projects:
  shop:
    repository: http://127.0.0.1:8001/shop.git
    tests:
      required: [unit]
    environments:
      production:
        platform: vps
        hosts:
          - address: deploy@127.0.0.1:2201
            hostKey: SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            url: http://127.0.0.1:8101
        directory: /srv/shop
        service: shop
        health: http://127.0.0.1:8101/healthz
        smoke: { auth: /login, payments: 'n/a: sells nothing', core: / }
`;
