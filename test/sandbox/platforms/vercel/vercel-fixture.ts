import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVercel } from '../../../../activities/platforms/vercel/api/client.ts';
import { Board } from '../../../../sandbox/board.ts';
import type { FaultKind } from '../../../../sandbox/board.ts';
import { createRepositories } from '../../../../sandbox/git-host/git-host-repositories.ts';
import { samples } from '../../../../sandbox/samples/samples.ts';
import type { FileTree } from '../../../../sandbox/samples/samples.ts';
import { startVercel } from '../../../../sandbox/platforms/vercel/vercel.ts';
import type { VercelOptions } from '../../../../sandbox/platforms/vercel/vercel.ts';
import type { ProjectInput } from '../../../../sandbox/platforms/vercel/open-project.ts';

export const repository = 'acme/barber-crm';
export const project = 'barber-crm';
export const token = 'vcp_sandbox';
export const bypass = 'let-plimsoll-in';
const variable = 'VERCEL_TOKEN';

type Options = Partial<Omit<VercelOptions, 'projects'>> & { project?: Partial<ProjectInput> };

/**
 * Starts the Vercel stand-in and makes our client. The stand-in has one project, which serves the
 * commit `first`. Only a promote moves the domains.
 */
export async function vercelFixture(options: Options = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-vercel-'));
  const board = new Board();
  const repositories = createRepositories(join(directory, 'git'));
  const [first = ''] = await repositories.create(repository, [
    { files: samples.good(1), message: 'First' },
  ]);
  const { project: input, ...rest } = options;
  const vercel = await startVercel({
    board,
    repositories,
    token,
    bypass,
    directory: join(directory, 'vercel'),
    projects: [{ name: project, repository, autoAssign: false, ...input }],
    slowMs: 200,
    paceMs: 5,
    ...rest,
  });
  const live = await vercel.seed(project, first);
  const { id: projectId = '' } = (await vercel.truth())[0] ?? {};
  const clientOf = (more: Partial<Parameters<typeof createVercel>[0]> = {}) =>
    createVercel({ api: vercel.address, token, variable, team: vercel.team.id, ...more });
  const client = clientOf();
  const where = { project, projectId };
  /** Pushes a commit and waits until Vercel has a deployment of this commit. */
  const push = async (files: FileTree, branch = 'main') => {
    const to = await repositories.commit(repository, { files, message: 'Next', branch });
    const from = '0'.repeat(40);
    const before = (await vercel.truth())[0]?.deployments.length ?? 0;
    vercel.onPush({ repository, ref: `refs/heads/${branch}`, from, to });
    while ((await vercel.truth())[0]?.deployments.length === before) await pause();
    return { sha: to, id: (await vercel.truth())[0]?.deployments.at(-1)?.id ?? '' };
  };
  const until = async <T>(read: () => Promise<T>, good: (value: T) => boolean): Promise<T> => {
    for (;;) {
      const value = await read();
      if (good(value)) return value;
      await pause();
    }
  };
  const ended = (id: string) =>
    until(
      async () => (await client.deployment({ project, id }))!,
      ({ state }) => !['QUEUED', 'INITIALIZING', 'BUILDING'].includes(state),
    );
  const moved = () =>
    until(
      () => client.project(project),
      ({ lastMove }) => !['pending', 'in-progress'].includes(lastMove?.status ?? ''),
    );
  const arm = (kind: FaultKind, match: string, times = 1) =>
    board.arm({ service: 'vercel', match, kind, times });
  const effects = () => board.effects.map(({ operation }) => operation);
  const close = async () => {
    board.clear();
    await vercel.close();
    // A build may still write while the directory is removed.
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  };
  const parts = { board, repositories, vercel, client, clientOf, where, first, live };
  return { ...parts, push, until, ended, moved, arm, effects, close };
}
export type VercelFixture = Awaited<ReturnType<typeof vercelFixture>>;

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
