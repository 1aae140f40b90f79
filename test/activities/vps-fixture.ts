import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createVps } from '../../activities/platforms/vps.ts';
import { createSshPool } from '../../activities/ssh.ts';
import type { WithSsh } from '../../activities/ssh.ts';
import type { HostStep } from '../../domain/activities.ts';
import type { VpsHost, VpsTarget } from '../../domain/plan.ts';
import { Board } from '../../sandbox/board.ts';
import { startGitHost } from '../../sandbox/git-host.ts';
import type { FileTree } from '../../sandbox/samples.ts';
import { startVpsHost } from '../../sandbox/vps/start-vps-host.ts';
import type { VpsHostHandle, VpsHostOptions } from '../../sandbox/vps/start-vps-host.ts';

export type Voyage = Awaited<ReturnType<typeof startVoyage>>;

type Options = {
  hosts?: number;
  host?: Partial<VpsHostOptions>;
  trees: FileTree[];
  target?: Partial<VpsTarget>;
};

/** A git host, `hosts` fresh hosts and a repository with one commit a tree. */
export async function startVoyage(options: Options) {
  const { hosts: count = 1, host = {}, trees } = options;
  const root = mkdtempSync(join(tmpdir(), 'vps-test-'));
  const board = new Board();
  const directory = join(root, 'git');
  const git = await startGitHost({ directory, board, token: 'none', visibility: 'public' });
  const commits = trees.map((files, index) => ({ files, message: `release ${index + 1}` }));
  const shas = await git.createRepository('acme/shop', commits);
  const names = Array.from({ length: count }, (_, index) => `shop-${index + 1}`);
  const handles: VpsHostHandle[] = [];
  for (const name of names) {
    const base = { directory: join(root, name), name, board, service: { unit: 'shop' } };
    handles.push(await startVpsHost({ ...base, ...host }));
  }
  const target = { ...targetOf(handles, git.url('acme/shop')), ...options.target };
  const pool = createSshPool();
  const stop = async () => {
    pool.close();
    board.clear();
    for (const handle of handles) await handle.stop();
    await git.close();
    await rm(root, { recursive: true, force: true });
  };
  return { root, board, git, shas, handles, target, stop, ...verbs(board, target, pool.withSsh) };
}

const verbs = (board: Board, target: VpsTarget, over: WithSsh) => ({
  vps: createVps({ over, settleMs: 100, pollMs: 50 }),
  step: (sha: string, index = 0, change: Partial<VpsTarget> = {}): HostStep => ({
    deploy: {
      deployId: 'deploy/shop/production/1',
      project: 'shop',
      environment: 'production',
      sha,
    },
    target: { ...target, ...change },
    host: target.hosts[index] as VpsHost,
    release: { id: `${sha.slice(0, 12)}-00000000`, sha },
  }),
  /** Counted effects as sentences. */
  effects: () =>
    board.effects
      .filter(({ service }) => service === 'vps')
      .map(({ operation, detail }) => `${operation} ${detail}`),
});

export const hostOf = (handle: VpsHostHandle): VpsHost => ({
  name: handle.name,
  user: handle.user,
  host: '127.0.0.1',
  port: handle.sshPort,
  hostKey: handle.hostKeyFingerprint,
  url: handle.url,
  directory: handle.directory,
  health: `${handle.insideUrl}/healthz`,
});

const targetOf = (handles: VpsHostHandle[], repository: string): VpsTarget => ({
  platform: 'vps',
  hosts: handles.map(hostOf),
  identity: handles[0]?.clientKeyPath ?? null,
  directory: '/srv/app',
  service: 'shop',
  sudo: true,
  repository,
  prepare: null,
  prepareMs: 60_000,
  health: 'http://127.0.0.1:18789/healthz',
  version: '/version',
  heartbeat: '/heartbeat',
  environmentFile: null,
  requiredVariables: [],
});

const silent = Object.fromEntries(
  ['log', 'trace', 'debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]),
) as unknown as Logger;

/** Inside an activity's context, as a worker runs it. */
export const run = <I, R>(verb: (input: I) => Promise<R>, input: I): Promise<R> =>
  new MockActivityEnvironment({}, { logger: silent }).run(verb, input);

/** The whole procedure of one host. */
export async function ship(
  { vps, step }: Pick<Voyage, 'vps' | 'step'>,
  sha: string,
  { index = 0, startUpMs = 10_000 } = {},
) {
  const it = step(sha, index);
  await run(vps.stageRelease, it);
  const { before } = await run(vps.switchRelease, it);
  await run(vps.restartService, { ...it, before });
  return run(vps.verifyHost, { ...it, startUpMs });
}

/** What a team has before Plimsoll comes: a clone with a commit checked out. The git host is in this process. */
export async function checkOut(voyage: Pick<Voyage, 'git'>, directory: string, sha: string) {
  const git = promisify(execFile);
  await git('git', ['clone', '--quiet', voyage.git.url('acme/shop'), directory]);
  await git('git', ['-C', directory, 'checkout', '--quiet', '--detach', sha]);
}

/** The failure's type and text. */
export const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => {
      throw new Error(`it succeeded: ${JSON.stringify(value)}`);
    },
    (cause: { type?: string; message: string; nonRetryable?: boolean }) => ({
      type: cause.type,
      final: cause.nonRetryable,
      message: cause.message,
    }),
  );
