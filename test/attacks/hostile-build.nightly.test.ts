import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builder } from '../support/builder.ts';
import type { Builds } from '../../domain/config/builds.ts';
import { hostileBuild } from '../support/hostile-build.ts';
import { startBuilder } from '../support/start-builder.ts';
import { hasPodman, preparePodman } from '../support/podman.ts';

const run = promisify(execFile);
const worker = fileURLToPath(new URL('../support/hostile-worker.ts', import.meta.url));
const mark = `PLANTED-${Date.now().toString(36)}-`;
const isolated = (await builder.isolation()).kind === 'bubblewrap';

let base: string;
let outside: string;
const servers: Server[] = [];
let port = 0;
const planted: Record<string, string> = {};

async function plant(kind: string, path: string) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${mark}${kind}\n`);
  planted[kind] = path;
}

async function listen(where: string | { port: number; host: string }): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`${mark}server`);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(where as string, done));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'plimsoll-loot-')));
  outside = join(tmpdir(), `plimsoll-tmp-${process.pid}`);
  await plant('plimsoll.yaml', join(base, 'etc/plimsoll.yaml'));
  await plant('ssh key', join(base, 'home/.ssh/id_ed25519'));
  await plant('ledger', join(base, 'share/ledger.db'));
  await plant('database of Temporal', join(base, 'share/temporal.db'));
  await plant('mirror of another project', join(base, 'cache/mirrors/a.git/config'));
  await plant('tree of another deploy', join(base, 'cache/trees/other/files/index.js'));
  await plant('npm cache of another project', join(base, 'cache/npm-cache/other/index'));
  await plant('dotfile of the home directory', join(base, 'home/.npmrc'));
  await plant('key of the Slack bridge', join(base, 'etc/slack'));
  await plant('file of the worker in /tmp', outside);
  await listen(join(base, 'docker.sock'));
  await listen(`\0${mark}`);
  port = await listen({ port: 0, host: '0.0.0.0' });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(base, { recursive: true, force: true });
  await rm(outside, { force: true });
});

/** Returns the processes of this machine whose command line contains the mark of a left process. */
const leftProcesses = () =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${mark}left`);
    } catch {
      return false;
    }
  });

type Attack = Partial<Builds> & { isolation: NonNullable<Builds['isolation']> };

/** Runs the hostile build under a worker that has tokens in its environment. */
async function attack(builds: Attack, engine: Record<string, string> = {}) {
  const { isolation } = builds;
  const root = join(builds.directory ?? join(base, 'cache'), `trees/${isolation}/files`);
  await mkdir(root, { recursive: true });
  const late = join(root, 'late');
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  const loot = { mark, files: planted, port, addresses, late, walks: isolation !== 'none' };
  const more = { socket: join(base, 'docker.sock'), abstract: mark };
  await writeFile(join(root, 'spy.cjs'), hostileBuild);
  await writeFile(
    join(root, 'wrangler.json'),
    JSON.stringify({ build: { command: 'sh start.sh' } }),
  );
  // The build waits for the worker's process id, which only the worker knows.
  const start = `node -e '
    const fs = require("fs"), loot = ${JSON.stringify({ ...loot, ...more })};
    fs.writeFileSync("loot.json", JSON.stringify({ ...loot, worker: Number(fs.readFileSync("worker.pid")) }));
  ' && node spy.cjs`;
  await writeFile(join(root, 'start.sh'), start);
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: join(base, 'home'), DATABASE_URL: `${mark}url` },
    ...{ GITHUB_TOKEN: `${mark}github`, CLOUDFLARE_API_TOKEN: `${mark}cloudflare` },
    ...engine,
  };
  await run(process.execPath, [worker, root, JSON.stringify(builds)], { env });
  const left = leftProcesses();
  const report = JSON.parse(await readFile(join(root, 'report.json'), 'utf8')) as string[][];
  const kinds = report.filter(([, text = '']) => text.includes(mark)).map(([kind]) => kind);
  return { left, late, kinds: [...new Set(kinds)].toSorted(byName) };
}

const byName = (one = '', other = '') => (one < other ? -1 : 1);

const everything = [
  ...['abstract socket', 'database of Temporal'],
  ...['dotfile of the home directory', 'environment of a process', 'file of the worker in /tmp'],
  ...['key of the Slack bridge', 'ledger', 'memory of the worker', 'mirror of another project'],
  ...['npm cache of another project', 'open files of the worker', 'plimsoll.yaml'],
  ...['port of this machine', 'signals to the worker', 'socket of an engine', 'ssh key'],
  'tree of another deploy',
];

test.runIf(hasPodman)('a hostile build in a container finds nothing of the worker', async () => {
  const podman = await preparePodman();
  const builds = { isolation: 'container', image: podman.image } as const;
  const { kinds, left, late } = await attack(builds, podman.env);
  await podman.remove();
  expect(kinds).toEqual([]);
  expect(left).toEqual([]);
  await sleep(3500);
  await expect(stat(late)).rejects.toThrow('ENOENT');
});

test.runIf(isolated)(
  'a hostile build at a builder finds nothing of worker and builder',
  async () => {
    const directory = join(base, 'builds');
    const { stop } = await startBuilder(directory);
    const { kinds, left, late } = await attack({ isolation: 'builder', directory });
    expect(kinds).toEqual([]);
    expect(left).toEqual([]);
    await sleep(3500);
    await expect(stat(late)).rejects.toThrow('ENOENT');
    await stop();
  },
);

describe.runIf(isolated)('a build of a hostile commit', () => {
  test('finds nothing of the worker, and leaves no process', async () => {
    const { kinds, left, late } = await attack({ isolation: 'bubblewrap' });
    expect(kinds).toEqual([]);
    expect(left).toEqual([]);
    await sleep(3500);
    await expect(stat(late)).rejects.toThrow('ENOENT');
  });

  test('would find everything without isolation', async () => {
    const { kinds, left } = await attack({ isolation: 'none' });
    for (const pid of left) process.kill(Number(pid), 'SIGKILL');
    const found = kinds.filter((kind) => kind !== 'container engine');
    expect(found).toEqual(everything);
    expect(left.length).toBeGreaterThan(0);
  });
});
