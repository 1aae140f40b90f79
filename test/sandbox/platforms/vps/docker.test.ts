import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composed, samples, writeTree } from '../../../../sandbox/samples/samples.ts';
import { docker } from '../../../../sandbox/platforms/vps/docker.ts';
import { createEngine, type Engine } from '../../../../sandbox/platforms/vps/docker/engine.ts';
import { freePort } from '../../../../worker/engine/free-port.ts';
import { createJournal } from '../../../../sandbox/platforms/vps/journal.ts';
import { until } from './vps-machine.ts';

let root = '';
let port = 0;
let engine: Engine;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'docker-'));
  port = await freePort();
  engine = createEngine({
    store: join(root, 'images'),
    env: { PATH: process.env['PATH'] ?? '' },
    environment: { PORT: String(port) },
    journal: createJournal(join(root, 'journal.ndjson')),
  });
  for (const n of [1, 2]) {
    mkdirSync(join(root, `v${n}`));
    writeTree(join(root, `v${n}`), composed(samples.good(n)));
  }
  writeTree(join(root, 'v3'), composed(samples.good(3), 'echo no such package >&2; exit 3'));
});
afterAll(async () => {
  await engine.destroy();
  rmSync(root, { recursive: true, force: true });
});

const type = (cwd: string, tag: string, ...words: string[]) =>
  docker(engine, words, false, { cwd: join(root, cwd), env: { IMAGE_TAG: tag } });
const up = (cwd: string, tag: string, ...how: string[]) =>
  type(cwd, tag, 'compose', '-p', 'shop', 'up', '-d', ...how, '--no-deps', 'web');
const show = async (template: string) =>
  (await type('v1', '', 'inspect', '--type', 'container', '-f', template, 'shop-web-1')).stdout;
const served = () =>
  until(
    () =>
      fetch(`http://127.0.0.1:${port}/version`).then(
        (it) => it.text(),
        () => '',
      ),
    (text) => text !== '',
  );

test('an image is built by its tag and runs as a real process', async () => {
  expect((await type('v1', 'one', 'compose', 'config', '--images', 'web')).stdout).toBe(
    'acme/shop:one\n',
  );
  expect((await up('v1', 'one', '--build')).code).toBe(0);
  expect(await served()).toContain('"sha":"one"');
  expect(await show('{{.State.Status}} {{.Config.Image}} {{.RestartCount}}')).toBe(
    'running acme/shop:one 0\n',
  );
  expect(await show('{{.State.StartedAt}}')).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z\n$/);
  const found = await type(
    'v1',
    '',
    'ps',
    '-a',
    '-q',
    '--filter',
    'label=com.docker.compose.project=shop',
  );
  expect(found.stdout).toMatch(/^[0-9a-f]{12}\n$/);
});

test('the same again is not recreated, unless forced', async () => {
  const before = await show('{{.State.StartedAt}}');
  await up('v1', 'one');
  expect(await show('{{.State.StartedAt}}')).toBe(before);
  await up('v1', 'one', '--force-recreate');
  expect(await show('{{.State.StartedAt}}')).not.toBe(before);
});

test('a rollback needs no build, and fails if the image is gone', async () => {
  await up('v2', 'two', '--build');
  await up('v2', 'one', '--no-build');
  expect(await served()).toContain('good 1');
  expect(await up('v2', 'none', '--no-build')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'Error response from daemon: No such image: acme/shop:none\n',
  });
  const rm = (tag: string) => type('v1', '', 'image', 'rm', `acme/shop:${tag}`);
  expect((await rm('one')).stderr).toContain('is using its referenced image');
  expect((await rm('two')).stdout).toContain('Untagged: acme/shop:two');
  expect((await type('v1', '', 'image', 'inspect', 'acme/shop:two')).code).toBe(1);
});

test('a build that fails leaves the container as it was', async () => {
  const before = await show('{{.State.StartedAt}}');
  const failed = await up('v3', 'three', '--build');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('no such package\nERROR: failed to solve');
  expect(await show('{{.State.StartedAt}}')).toBe(before);
});

test('logs are cut by time and count, and may carry their times', async () => {
  await fetch(`http://127.0.0.1:${port}/healthz`);
  const logs = (...words: string[]) => type('v1', '', 'logs', ...words, 'shop-web-1');
  await until(
    async () => (await logs('--since', '1h')).stdout,
    (text) => text.includes('/healthz'),
  );
  expect((await logs('--tail', '1')).stdout).toBe('GET /healthz 200\n');
  expect((await logs('-t', '--tail', '1')).stdout).toMatch(/^\S+\.\d{9}Z GET \/healthz 200\n$/);
  expect((await logs('--since', String(Date.now() / 1000 + 60))).stdout).toBe('');
  expect((await logs('--since', 'yesterday')).code).toBe(1);
});

test('a missing container is reported as docker reports it', async () => {
  expect(await type('v1', '', 'restart', 'nobody')).toMatchObject({
    code: 1,
    stderr: 'Error response from daemon: No such container: nobody\n',
  });
  expect((await show('{{.State.Mood}}')).length).toBe(0);
});
