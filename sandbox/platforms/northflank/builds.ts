import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { Repositories } from '../../git-host/git-host-repositories.ts';
import { startGuarded } from '../vps/guard.ts';
import { concluded } from './state.ts';
import type { Build, BuildStatus, Settings, Tell } from './state.ts';

export type BuildsDeps = {
  /** The directory of the built commits. */
  directory: string;
  service: string;
  repository: string;
  repositories: Repositories;
  settings: Settings;
  tell: Tell;
  onSuccess: (build: Build) => void;
};

const first = ['joyous', 'premium', 'incredible', 'brave', 'quiet', 'early'];
const second = ['view', 'guide', 'land', 'river', 'lamp', 'harbour'];
let counted = 0;
/** Returns an id in Northflank's style, such as "joyous-view-6290". */
const nextId = () => {
  counted += 1;
  const word = (list: string[], index: number) => list[index % list.length];
  return `${word(first, counted)}-${word(second, counted * 5 + 1)}-${1000 + counted}`;
};

class Failed extends Error {
  readonly status: BuildStatus;
  constructor(status: BuildStatus, message: string) {
    super(message);
    this.status = status;
  }
}

const endings = { SUCCESS: 'success', ABORTED: 'abort' } as Record<string, string>;

/**
 * The builds of one service. Each build really checks out its commit and really runs its build.mjs.
 */
export class Builds {
  /** All builds, oldest first. */
  readonly builds: Build[] = [];
  #deps: BuildsDeps;
  #running = new Map<Build, { stop: AbortController; ended: Promise<void> }>();

  constructor(deps: BuildsDeps) {
    this.#deps = deps;
  }

  find(id: string) {
    return this.builds.find((build) => build.id === id);
  }

  head(branch: string) {
    return this.#deps.repositories.head(this.#deps.repository, branch);
  }

  start(sha: string, branch: string) {
    const build = newBuild(sha, branch);
    this.builds.push(build);
    this.#hint(build, 'start');
    const stop = new AbortController();
    const ended = this.#run(build, stop.signal).finally(() => this.#running.delete(build));
    this.#running.set(build, { stop, ended });
    return build;
  }

  abort(build: Build) {
    this.#conclude(build, 'ABORTED', 'The build was aborted');
    this.#running.get(build)?.stop.abort();
  }

  async close() {
    const running = [...this.#running];
    for (const [build] of running) this.abort(build);
    await Promise.all(running.map(([, { ended }]) => ended));
  }

  async #run(build: Build, signal: AbortSignal) {
    try {
      await walk({ ...this.#deps, build, signal });
      this.#conclude(build, 'SUCCESS', 'Image successfully built');
      this.#deps.onSuccess(build);
    } catch (cause) {
      if (signal.aborted) return;
      const { status = 'CRASHED', message } = cause as Partial<Failed>;
      this.#conclude(build, status, message ?? 'The build crashed');
    }
  }

  #conclude(build: Build, status: BuildStatus, message: string) {
    if (concluded(build)) return;
    enter(build, status);
    Object.assign(build, { message, concludedAt: Date.now() });
    this.#hint(build, endings[status] ?? 'failure');
  }

  #hint({ id: buildId, sha, status }: Build, name: string) {
    const data = { serviceId: this.#deps.service, buildId, sha, status };
    this.#deps.tell({ event: `trigger:build:${name}`, data });
  }
}

const newBuild = (sha: string, branch: string): Build => ({
  id: nextId(),
  sha,
  branch,
  status: 'QUEUED',
  states: ['QUEUED'],
  message: null,
  createdAt: Date.now(),
  concludedAt: null,
  image: null,
  log: [],
});

const enter = (build: Build, status: BuildStatus) => {
  build.status = status;
  if (build.states.at(-1) !== status) build.states.push(status);
};

type Walk = Pick<BuildsDeps, 'directory' | 'repository' | 'repositories' | 'settings'> & {
  build: Build;
  signal: AbortSignal;
};

const say = (build: Build, log: string) =>
  void build.log.push({ containerId: build.id, log, ts: new Date().toISOString() });

async function walk(walking: Walk) {
  const { build, settings, signal } = walking;
  const planned = settings.nextBuild;
  settings.nextBuild = null;
  const become = async (status: BuildStatus) => {
    enter(build, status);
    await delay(settings.stepMs, undefined, { signal });
  };
  await become('QUEUED');
  if (planned === 'SUBMISSION_FAILURE') throw new Failed(planned, 'The build was not submitted');
  await become('PENDING');
  if (planned === 'UNSCHEDULABLE') {
    enter(build, planned);
    await new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
  }
  await become('STARTING');
  await become('CLONING');
  build.image = await clone(walking);
  await become('BUILDING');
  if (planned) throw new Failed(planned, `The build ended with ${planned}`);
  await compile(walking);
  await become('UPLOADING');
}

async function clone({ build, directory, repository, repositories }: Walk) {
  const image = join(directory, build.id, build.sha);
  const archive = `${image}.tar`;
  await mkdir(image, { recursive: true });
  say(build, `Cloning ${repository} at ${build.sha}`);
  try {
    const args = ['archive', '--format=tar', `--output=${archive}`, build.sha];
    await repositories.git(repository, args);
  } catch {
    say(build, `error: ${build.sha} is not a commit of ${repository}`);
    throw new Failed('FAILURE', 'The commit could not be cloned');
  }
  await execa('tar', ['-xf', archive, '-C', image]);
  await rm(archive);
  return image;
}

async function compile({ build, signal }: Walk) {
  const image = build.image ?? '';
  const script = await readFile(join(image, 'build.mjs')).catch(() => null);
  say(build, 'Detecting buildpacks');
  if (script === null) return say(build, 'Nothing to build');
  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent' };
  const compiler = startGuarded([process.execPath, 'build.mjs'], { cwd: image, env });
  signal.addEventListener('abort', compiler.kill, { once: true });
  for (const input of [compiler.stdout, compiler.stderr])
    createInterface({ input }).on('line', (line) => say(build, line));
  const { code } = await compiler.ended;
  if (code !== 0) throw new Failed('FAILURE', `The build script exited with code ${code}`);
}
