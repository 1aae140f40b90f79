import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@temporalio/common';
import { MockActivityEnvironment } from '../../../support/activity-environment.ts';
import { createVps } from '../../../../activities/platforms/vps/activities.ts';
import { createSshPool } from '../../../../activities/platforms/vps/ssh/ssh.ts';
import type { WithSsh } from '../../../../activities/platforms/vps/ssh/ssh.ts';
import type { HostStep } from '../../../../domain/platforms/vps/activities.ts';
import type { VpsHost, VpsTarget } from '../../../../domain/platforms/vps/target.ts';
import { Board } from '../../../../sandbox/board.ts';
import { startGitHost } from '../../../../sandbox/git-host/git-host.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { startVpsHost } from '../../../../sandbox/platforms/vps/start-vps-host.ts';
import type {
  VpsHostHandle,
  VpsHostOptions,
} from '../../../../sandbox/platforms/vps/start-vps-host.ts';

export type VpsFixture = Awaited<ReturnType<typeof startVpsFixture>>;

type Options = {
  hosts?: number;
  host?: Partial<VpsHostOptions>;
  trees: FileTree[];
  target?: Partial<VpsTarget>;
};

/** Starts a git host and `hosts` new hosts. The repository has one commit per tree. */
export async function startVpsFixture(options: Options) {
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
  /** The counted effects on the hosts, each as a short text. */
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

/** Runs an activity in an activity context, as a worker does. */
export const run = <I, R>(verb: (input: I) => Promise<R>, input: I): Promise<R> =>
  new MockActivityEnvironment({}, { logger: silent }).run(verb, input);

/** Runs all steps of a release on one host. */
export async function deployRelease(
  { vps, step }: Pick<VpsFixture, 'vps' | 'step'>,
  sha: string,
  { index = 0, startUpMs = 10_000 } = {},
) {
  const it = step(sha, index);
  await run(vps.stageRelease, it);
  const { before } = await run(vps.switchRelease, it);
  await run(vps.restartService, { ...it, before });
  return run(vps.verifyHost, { ...it, startUpMs });
}

/**
 * Clones the repository and checks out a commit, as a team does before it uses Plimsoll. The clone
 * must not block this process, because the git host runs here.
 */
export async function checkOut(
  vpsFixture: Pick<VpsFixture, 'git'>,
  directory: string,
  sha: string,
) {
  const git = promisify(execFile);
  await git('git', ['clone', '--quiet', vpsFixture.git.url('acme/shop'), directory]);
  await git('git', ['-C', directory, 'checkout', '--quiet', '--detach', sha]);
}

/** The type and the text of a failure. Throws if the call succeeds. */
export const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => {
      throw new Error(`the call must fail, but returned ${JSON.stringify(value)}`);
    },
    (cause: { type?: string; message: string; nonRetryable?: boolean }) => ({
      type: cause.type,
      final: cause.nonRetryable,
      message: cause.message,
    }),
  );
