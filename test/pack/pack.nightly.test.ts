import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import { inherited } from '../../activities/lib/child-environment.ts';
import { startProcess } from '../../activities/lib/process.ts';
import { temporary } from '../bin/fake-command.ts';
import { until } from '../worker/engine/processes.ts';

const run = promisify(execFile);
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const home = temporary('installed');
const plimsoll = join(home, 'node_modules', '.bin', 'plimsoll');

/**
 * The environment of a user's shell, with the Node of this test, but without the variables of `npm
 * test`.
 */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|TEMPORAL_)/i.test(name),
  );
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
  return { ...Object.fromEntries(own), NODE_ENV: '', PATH: path, ...more };
}

type Lock = { packages: Record<string, { dev?: boolean; devOptional?: boolean }> };

/**
 * Links the packages that a user gets, but no package that only our tests need. npm is offline
 * here, so an install fails if a package is missing.
 */
function linkDependencies() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [place, { dev, devOptional }] of Object.entries(packages))
    if (place !== '' && !dev && !devOptional && existsSync(join(root, place))) linkTree(place);
}

function linkTree(place: string) {
  mkdirSync(join(home, place), { recursive: true });
  for (const entry of readdirSync(join(root, place), { withFileTypes: true })) {
    const path = join(place, entry.name);
    if (entry.name === 'node_modules') continue;
    if (entry.isDirectory()) linkTree(path);
    else link(join(root, path), join(home, path));
  }
}

function link(from: string, to: string) {
  try {
    linkSync(from, to);
  } catch {
    // A hard link to another file system is impossible, so the file is copied.
    copyFileSync(from, to);
  }
}

beforeAll(async () => {
  const env = environment();
  await run('npm', ['pack', '--pack-destination', home], { cwd: root, env });
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  writeFileSync(join(home, 'package.json'), '{}');
  linkDependencies();
  const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
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

test('nothing that only the tests need is beside it', () => {
  expect(readdirSync(join(home, 'node_modules'))).not.toContain('typescript');
  expect(readdirSync(join(home, 'node_modules'))).not.toContain('vitest');
});

test('installed elsewhere, --help answers', async () => {
  const { stdout, stderr } = await run(plimsoll, ['--help'], { cwd: home, env: environment() });
  expect(stdout).toMatch(/^Usage: plimsoll /);
  expect(stderr).toBe('');
});

test('installed for every terminal, plimsoll is a command', async () => {
  const prefix = join(home, 'global');
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  const args = ['install', '--global', '--prefix', prefix, ...quiet, join(home, tarball)];
  await run('npm', args, { cwd: home, env: environment() });
  const env = environment();
  env['PATH'] = `${join(prefix, 'bin')}${delimiter}${env['PATH'] ?? ''}`;
  const { stdout } = await run('plimsoll', ['help', 'deploy'], { cwd: '/', env });
  expect(stdout).toMatch(/^Usage: plimsoll deploy /);
}, 120_000);

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
  const worker = await startProcess(plimsoll, ['worker', '--config', config], {
    ...{ cwd: home, env: inherited(Object.keys(env), env) },
  });
  try {
    let said = '';
    for (const stream of [worker.process.stdout, worker.process.stderr])
      stream?.on('data', (chunk) => (said += chunk));
    await Promise.race([
      until(() => queueOf(said) !== undefined, 60_000),
      worker.exited.then(() => Promise.reject(new Error(`the worker ended early:\n${said}`))),
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
