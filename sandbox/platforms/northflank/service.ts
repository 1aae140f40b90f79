import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import { processSha } from '../vps/processes.ts';
import { Builds } from './builds.ts';
import { startPublicSite } from './public-site.ts';
import { Rollout } from './rollout.ts';
import { concluded, standard, succeeded } from './state.ts';
import type { Build, Line, ServiceInput, Settings, Tell } from './state.ts';

export type ServiceDeps = { directory: string; repositories: Repositories; tell: Tell };
type Parts = {
  info: ReturnType<typeof describe>;
  settings: Settings;
  logs: Line[];
  builds: Builds;
  rollout: Rollout;
  /** The public address of the service. */
  url: string;
};
export type Service = Awaited<ReturnType<typeof startService>>;
export type Services = Map<string, Service>;

const mostLines = 5000;

const describe = (input: ServiceInput) => {
  const { id, project, team, repository, branch = 'main', buildsFrom = id } = input;
  return { id, project, team, repository, branch, buildsFrom };
};

const settingsOf = (input: ServiceInput): Settings => {
  const {
    id: _,
    project: __,
    team: ___,
    repository: ____,
    branch: _____,
    buildsFrom,
    ...own
  } = input;
  return { ...standard, ...(buildsFrom ? { kind: 'deployment' as const } : {}), ...own };
};

/**
 * Returns the SHA of the commit that the processes really serve. Returns null if they serve no
 * commit or different commits.
 */
const servedSha = (rollout: Rollout) => {
  const shas = new Set(rollout.serving.map(({ pid }) => (pid === null ? null : processSha(pid))));
  const [sha = null] = shas;
  return shas.size === 1 ? sha : null;
};

const truthOf = ({ info, url, builds, rollout }: Parts) => ({
  service: info.id,
  project: info.project,
  url,
  serves: servedSha(rollout),
  target: rollout.target?.build.id ?? null,
  pinned: rollout.target?.pinned ?? false,
  status: rollout.status,
  containers: rollout.containers.filter(({ alive }) => alive).length,
  pids: rollout.containers.flatMap(({ pid }) => (pid === null ? [] : [pid])),
  builds: builds.builds.map(({ id, sha, status, states }) => ({ id, sha, status, states })),
});
export type NorthflankTruth = ReturnType<typeof truthOf>;

/**
 * Builds and deploys a commit, as a team did before it used Plimsoll. Waits until the commit is
 * served. Returns the id of the build.
 */
const seed = async (builds: Builds, rollout: Rollout, commit: { sha: string; branch: string }) => {
  const build = builds.start(commit.sha, commit.branch);
  while (!concluded(build)) await delay(20);
  if (!succeeded(build)) throw new Error(`The first build ended with ${build.status}.`);
  if (rollout.target?.build !== build || !rollout.target.pinned) rollout.deploy(build, true);
  while (rollout.status !== 'COMPLETED') {
    if (rollout.status === 'FAILED') throw new Error('The first release did not become ready.');
    await delay(20);
  }
  return build.id;
};

/** Starts one service of the stand-in. Calls `onSuccess` for every successful build. */
export const startService = async (
  input: ServiceInput,
  { directory, repositories, tell, onSuccess }: ServiceDeps & { onSuccess: (build: Build) => void },
) => {
  const info = describe(input);
  const settings = settingsOf(input);
  const logs: Line[] = [];
  const say = (line: Line) => {
    logs.push(line);
    if (logs.length > mostLines) logs.shift();
  };
  const { id: service, repository } = info;
  const own = { service, repository, directory: join(directory, service) };
  const builds = new Builds({ ...own, repositories, settings, tell, onSuccess });
  const rollout = new Rollout({ service, settings, say, tell });
  const site = await startPublicSite(() =>
    settings.paused ? null : rollout.upstream(settings.port),
  );
  const parts: Parts = { info, settings, logs, builds, rollout, url: site.url };
  return {
    ...parts,
    truth: () => truthOf(parts),
    /** Builds, deploys and pins a commit. Resolves when the commit is served. */
    seed: (sha: string) => seed(builds, rollout, { sha, branch: info.branch }),
    close: async () => {
      await builds.close();
      await rollout.close();
      await site.close();
    },
  };
};
