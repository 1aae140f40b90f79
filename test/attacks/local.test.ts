import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openLedger } from '../../activities/ledger/ledger.ts';
import { privateDirectory } from '../../activities/lib/private-files.ts';
import { startDevServer } from '../../worker/engine/dev-server.ts';
import type { DevServer } from '../../worker/engine/dev-server.ts';
import { withLock } from '../../worker/engine/lock.mjs';

/** Other users must reach this directory, so that only the rights of our own files protect them. */
const root = mkdtempSync(join(tmpdir(), 'local-'));
chmodSync(root, 0o755);
const dataFile = join(root, 'data', 'temporal.db');

type Answer = { status: number; body: string; cookies: string[] };
const call = (
  port: number,
  { method = 'GET', path = '/', headers = {}, body = '' }: Partial<Call>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers };
    request(options, async (answer) => {
      const cookies = answer.headers['set-cookie'] ?? [];
      resolve({ status: answer.statusCode ?? 0, body: await text(answer), cookies });
    })
      .once('error', reject)
      .end(body);
  });
type Call = { method: string; path: string; headers: OutgoingHttpHeaders; body: string };

let server: DevServer;
let ui = 0;
/** The ports of 127.0.0.1 that the server and its proxy opened. A page can find them by trying. */
let opened: number[] = [];
beforeAll(async () => {
  const earlier = process.umask(0);
  server = await startDevServer({ binary: inject('temporalBinary'), dataFile });
  process.umask(earlier);
  opened = guessable([server.pid, process.pid]);
  ui = Number(new URL(server.uiUrl).port);
});
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Returns the inodes of the sockets of a process. */
const socketsOf = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // The process closed the file meanwhile.
      return [];
    }
  });

/** Returns every port of 127.0.0.1 on which one of these processes listens. */
function guessable(pids: number[]): number[] {
  const own = new Set(pids.flatMap(socketsOf));
  const line = /^ *\d+: 0100007F:(\w{4}) \w+:\w+ 0A \S+ \S+ \S+ +\d+ +\d+ (\d+) /gm;
  return [...readFileSync('/proc/net/tcp', 'utf8').matchAll(line)].flatMap(([, port, inode]) =>
    own.has(inode ?? '') ? [Number.parseInt(port ?? '', 16)] : [],
  );
}

const start = {
  method: 'POST',
  body: JSON.stringify({ workflowType: { name: 'evil' }, taskQueue: { name: 'evil' } }),
};
const evil = { origin: 'http://evil.example', 'content-type': 'text/plain' };

describe('a web page of another site', () => {
  test('starts no workflow at any port of the server', async () => {
    const ports = opened;
    expect(ports).toEqual(expect.arrayContaining([ui, Number(server.address.split(':')[1])]));
    expect(ports.length).toBeGreaterThan(4);
    const paths = ['/', '/api/v1'].map((at) => `${at}/namespaces/default/workflows/evil`);
    const tries = ports.flatMap((port) =>
      paths.flatMap((path) =>
        [`127.0.0.1:${port}`, `localhost:${port}`, `evil.example:${port}`].map((host) => ({
          ...{ port, path: path.replace('//', '/') },
          headers: { ...evil, host },
        })),
      ),
    );
    const answers = await Promise.all(
      tries.map(({ port, ...one }) =>
        call(port, { ...start, ...one }).catch(() => ({ status: 0, body: '' })),
      ),
    );
    expect(answers.filter(({ status }) => status >= 200 && status < 400)).toEqual([]);
    expect(answers.filter(({ body }) => body.includes('runId'))).toEqual([]);
  });

  test('finds the hidden Web UI at no address that it can guess', async () => {
    const paths = ['/', '/api/v1/settings', '/api/v1/namespaces', '/namespaces/default/workflows'];
    const headers = { host: 'evil.example' };
    const answers = await Promise.all(
      opened.flatMap((port) =>
        paths.map((path) =>
          call(port, { path, headers }).catch(() => ({ status: 0, cookies: [] })),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toEqual([]);
    expect(answers.flatMap(({ cookies }) => cookies)).toEqual([]);
  });

  test.each<[string, OutgoingHttpHeaders]>([
    ['whose name leads to this machine', { host: 'evil.example:8233' }],
    ['whose name begins like this machine', { host: '127.0.0.1.evil.example' }],
    ['whose name is short', { host: 'printer' }],
    ['that asks with its origin', { origin: 'http://evil.example' }],
    ['without an origin', { origin: 'null' }],
    ['on another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['by TLS', { origin: `https://127.0.0.1` }],
    ['in a frame', fetched('navigate', 'iframe')],
    ['by a script', fetched('no-cors', 'script')],
    [
      'of a service on this machine',
      { ...fetched('cors', 'empty'), 'sec-fetch-site': 'same-site' },
    ],
  ])('is refused by the Web UI: a page %s', async (_, headers) => {
    const host = `127.0.0.1:${ui}`;
    for (const method of ['GET', 'POST']) {
      const { status, body, cookies } = await call(ui, { method, headers: { host, ...headers } });
      expect([status, cookies]).toEqual([403, []]);
      expect(body).toMatch(
        /^The request (does not name this machine as its host|comes from a page of another site)\.\nOpen the Web UI by its own address: http:\/\/127\.0\.0\.1:\d+\n$/,
      );
    }
  });
});

function fetched(mode: string, dest: string): OutgoingHttpHeaders {
  return { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
}

describe('the person at the machine', () => {
  test('opens the Web UI by its address, by a link, and through a tunnel', async () => {
    const host = `127.0.0.1:${ui}`;
    for (const headers of [
      { host },
      { host: `localhost:${ui}` },
      { host: 'localhost:9000' },
      { host, ...fetched('navigate', 'document') },
    ]) {
      const { status, body } = await call(ui, { path: '/namespaces/default/workflows', headers });
      expect([status, body.includes('<html')]).toEqual([200, true]);
    }
  });

  test('writes by the Web UI, with a cookie that no script and no other site can use', async () => {
    const host = `127.0.0.1:${ui}`;
    const { cookies } = await call(ui, { headers: { host }, path: '/api/v1/settings' });
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatch(/^_csrf=[\w-]+;.*; HttpOnly; SameSite=Strict$/);
    const cookie = (cookies[0] ?? '').split(';')[0] ?? '';
    const path = '/api/v1/namespaces/default/workflows/mine';
    const same = { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    const json = { 'content-type': 'application/json' };
    const headers = { host, ...same, ...json, cookie };
    // The Web UI connects to a server that has just started only after a pause.
    await expect
      .poll(() => call(ui, { ...start, path, headers }), { interval: 100 })
      .toMatchObject({ status: 200, body: expect.stringContaining('runId') });
    const without = await call(ui, { ...start, path, headers: { host, ...same, ...json } });
    expect(without.status).toBeGreaterThanOrEqual(400);
  });
});

/** The files that other users can read, write or list. */
const open = (paths: string[]) => paths.filter((path) => (statSync(path).mode & 0o077) !== 0);

/** Reads a file as another user of this machine. Resolves to what `cat` prints as an error. */
const readAsAnother = (path: string): Promise<string> =>
  new Promise((resolve) =>
    execFile('cat', [path], { uid: 65534, gid: 65534 }, (cause, _, stderr) =>
      resolve(cause ? stderr : 'read'),
    ),
  );

describe('another user of the machine', () => {
  /** Files are checked by their rights, and by a real second user if this process may become one. */
  const expectPrivate = async (paths: string[], read = paths) => {
    expect(open(paths)).toEqual([]);
    const others = process.getuid?.() === 0 ? read : [];
    const said = await Promise.all(others.map(readAsAnother));
    expect(said.filter((text) => !text.includes('Permission denied'))).toEqual([]);
  };

  test('reads neither the ledger nor what SQLite keeps beside it, whatever the umask', async () => {
    const earlier = process.umask(0);
    try {
      const path = join(root, 'ledger.db');
      const ledger = await openLedger({ path });
      await ledger.append({ kind: 'adopted', key: 'k', body: {} } as never);
      await expectPrivate([path, `${path}-wal`, `${path}-shm`]);
      await ledger.close();
    } finally {
      process.umask(earlier);
    }
  });

  test('loses the rights on files and directories from before', async () => {
    const path = join(root, 'old', 'ledger.db');
    mkdirSync(join(root, 'old'));
    const old = new DatabaseSync(path);
    old.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1);');
    for (const one of [path, `${path}-wal`, `${path}-shm`]) chmodSync(one, 0o666);
    const ledger = await openLedger({ path });
    await expectPrivate([path, `${path}-wal`, `${path}-shm`]);
    await ledger.close();
    old.close();
    const mirror = join(root, 'workspace');
    mkdirSync(mirror);
    chmodSync(mirror, 0o755);
    writeFileSync(join(mirror, 'HEAD'), 'ref: refs/heads/main');
    privateDirectory(mirror);
    await expectPrivate([mirror], [join(mirror, 'HEAD')]);
  });

  test('reads nothing that a worker or its programs create: the umask allows nobody else', async () => {
    const starts = {
      'worker/main.ts': `({ runWorker }) => runWorker({ configPath: '/none' })`,
      'worker/up.ts': `({ up }) => up({ configPath: '/none' })`,
    };
    const umasks = Object.entries(starts).map(async ([file, start]) => {
      const url = new URL(`../../${file}`, import.meta.url).href;
      // A worker that has begun to start does not end by itself.
      const end = `() => process.stdout.write(String(process.umask()), () => process.exit())`;
      const code = `await import('${url}').then(${start}).catch(${end})`;
      const args = ['--input-type=module', '--eval', code];
      return (await promisify(execFile)(process.execPath, args, { timeout: 30_000 })).stdout;
    });
    expect(await Promise.all(umasks)).toEqual([String(0o077), String(0o077)]);
  });

  test('reads neither the workflows of the server nor a lock', async () => {
    await expectPrivate([dataFile, join(root, 'data')]);
    const lock = join(root, 'locks', 'one.lock');
    await withLock(lock, () => expectPrivate([lock, join(root, 'locks')]));
  });
});
