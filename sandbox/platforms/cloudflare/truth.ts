import type { Repositories } from '../../git-host/git-host-repositories.ts';
import type { Origin } from './seed.ts';
import { liveOf, versionOf } from './state.ts';
import type { Account, Version, Worker } from './state.ts';
import type { Workshop } from './workshop.ts';

/** The real state of a worker, for tests and the demo. The API can report a false state. */
export type WorkerTruth = {
  worker: string;
  live: { id: string; percentage: number; tag: string | null; message: string | null }[];
  versions: number;
  deployments: number;
};
/**
 * The real state of a worker. `running` is the commit that the live version really runs, or null if
 * the commit is unknown. The tag of the version can name a different commit.
 */
export type CloudflareTruth = Omit<WorkerTruth, 'live'> & {
  live: (WorkerTruth['live'][number] & { running: string | null })[];
};

export const truthOf = (worker: Worker): WorkerTruth => ({
  worker: worker.name,
  live: (liveOf(worker)?.versions ?? []).map(({ version_id: id, percentage }) => {
    const annotations = versionOf(worker, id)?.annotations ?? {};
    const tag = annotations['workers/tag'] ?? null;
    return { id, percentage, tag, message: annotations['workers/message'] ?? null };
  }),
  versions: worker.versions.length,
  deployments: worker.deployments.length,
});

type Deps = {
  account: Account;
  workshop: Workshop;
  repositories: Repositories | undefined;
  origins: readonly Origin[];
};

/**
 * Returns the real state of all workers, or of the worker `only`. Unlike `truthOf`, this function
 * sends a request to every live version to read its release.
 */
export async function served(deps: Deps, only?: string) {
  const { account, workshop, repositories, origins } = deps;
  const workers = [...account.workers.values()].filter(({ name }) => (only ?? name) === name);
  const running = async (worker: Worker, id: string, tag: string | null) => {
    const origin = origins.find(({ name }) => name === worker.name);
    const version = versionOf(worker, id);
    if (!origin || !version || !repositories) return null;
    const commits = await commitsOf(repositories, origin, await nameOf(workshop, version));
    return commits.find((sha) => sha === tag) ?? commits[0] ?? null;
  };
  return await Promise.all(
    workers.map(async (worker): Promise<CloudflareTruth> => {
      const truth = truthOf(worker);
      const live = await Promise.all(
        truth.live.map(async (it) => ({ ...it, running: await running(worker, it.id, it.tag) })),
      );
      return { ...truth, live };
    }),
  );
}

/**
 * Returns the name of the release that a version runs. A sample worker reads this name from its
 * release.json.
 */
async function nameOf(workshop: Workshop, version: Version): Promise<string | undefined> {
  const { port } = await workshop.serve(version);
  const answer = await fetch(`http://127.0.0.1:${port}/version`);
  return ((await answer.json()) as { name?: string }).name;
}

/** Returns the commits whose release.json contains the release name `name`, newest first. */
async function commitsOf({ git }: Repositories, origin: Origin, name: string | undefined) {
  const shas = (await git(origin.repository, ['rev-list', '--all'])).split('\n');
  const names = await Promise.all(
    shas.map(async (sha) => {
      const path = `${sha}:${origin.directory}/release.json`;
      const text = await git(origin.repository, ['show', path]).catch(() => '{}');
      return (JSON.parse(text) as { name?: string }).name;
    }),
  );
  return shas.filter((_, at) => name !== undefined && names[at] === name);
}
