import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from '../../activities/git/git.ts';
import { createPublish } from '../../activities/git/publish.ts';
import type { PlainActivities, DeployRef } from '../../domain/contract/activities.ts';
import type { Release, Target, Timing } from '../../domain/deploy/plan.ts';
import type { Platform } from '../../domain/deploy/plan.ts';
import { timing } from '../../domain/deploy/timing.ts';
import type { SmokePaths } from '../../domain/deploy/watch-types.ts';
import type { Effect } from '../../sandbox/board.ts';
import { samples } from '../../sandbox/samples/samples.ts';
import type { FileTree } from '../../sandbox/samples/samples.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';
import type { Cell, Effects, Matrix } from './cells.ts';

/** `old` is live before the deploy. `next` is the commit that the deploy releases. */
type Commits = { old: string; next: string };

/** Calls one activity as the worker would. The calls of the cell's row suffer the fault. */
export type Act = <Name extends keyof PlainActivities>(
  name: Name,
  input: Parameters<PlainActivities[Name]>[0],
) => Promise<Awaited<ReturnType<PlainActivities[Name]>>>;

/** The values that the activities of one cell get as input. */
export type Place<T extends Target> = Commits & {
  id: string;
  sandbox: Sandbox;
  target: T;
  deploy: DeployRef;
  release: Release;
  /** The release of `old`, without the id that the platform gave it. */
  before: Release;
  timing: Timing;
  act: Act;
};

/**
 * The parts of the matrix that each platform defines: its table, its stand-in and its activities.
 */
export type TestPlatform<T extends Target = Target> = {
  matrix: Matrix;
  sandbox(cells: readonly Cell[]): Partial<SandboxOptions>;
  /**
   * Makes the commit live without Plimsoll. Returns the id that the platform gave the release, or
   * undefined if the platform gives no ids.
   */
  seed(sandbox: Sandbox, cell: Cell, sha: string): Promise<string | undefined>;
  target(sandbox: Sandbox, cell: Cell): T;
  /** `workspace` is the directory for working trees. */
  activities(sandbox: Sandbox, workspace: string): Partial<PlainActivities>;
  /**
   * A function for each row. The function calls the platform's activities in order, up to the last
   * call of the row.
   */
  procedures: Record<string, (place: Place<T>, cell: Cell) => Promise<unknown>>;
  /**
   * The files of the n-th good release; default: the sample service. `smoke` holds the critical
   * paths of this release.
   */
  good?(n: number): FileTree;
  smoke?: SmokePaths;
  /** A release that goes live and then fails. */
  bad: FileTree;
  /**
   * How many cells may run at once. Set this if the steps of the platform need much processor time.
   */
  parallel?: number;
  /** The commit that the cell's processes serve; null = none. */
  serves(sandbox: Sandbox, cell: Cell): string | null | Promise<string | null>;
  close?(): void;
};

export const definePlatform = <T extends Target>(platform: TestPlatform<T>): TestPlatform =>
  platform as unknown as TestPlatform;

/** The delay of a slow answer. It is shorter than the time-out of a call. */
const slowMs = 1000;
const scale = 60;
const windowMs = 1800;

/**
 * The times of a deploy in the matrix. The watch window lasts seconds. A wait for a person lasts
 * minutes.
 */
export const scaled: Timing = {
  ...timing(scale),
  windowMs,
  segmentMs: windowMs,
  sampleMs: windowMs / 180,
  stuckGiveUpMs: 120_000,
  rollbackGiveUpMs: 240_000,
};

/**
 * The repository of a cell. A cell that pushes has its own repository. The other cells of a
 * platform share two repositories: one with a good release, and one with a bad release.
 */
export const repositoryOf = ({ id, platform, row }: Cell) =>
  `acme/${row.unmerged ? id : `${platform}-${row.bad ? 'bad' : 'good'}`}`;

export type Stack = {
  sandbox: Sandbox;
  /** The directory for the files that activities write. */
  directory: string;
  cells: readonly Cell[];
  platformOf(cell: Cell): TestPlatform;
  commitsOf(cell: Cell): Commits;
  /** All activities of the platforms, and the activity that pushes a commit. */
  activities: Partial<PlainActivities>;
  close(): Promise<void>;
};

/** Starts one sandbox with a service for every cell. No release is live yet. */
export async function openStack(
  platforms: readonly TestPlatform[],
  cells: readonly Cell[],
): Promise<Stack> {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-matrix-'));
  const of = (platform: Platform) => cells.filter((cell) => cell.platform === platform);
  const parts = platforms.map((platform) => platform.sandbox(of(platform.matrix.id)));
  const options = Object.assign({ hosts: [] }, ...parts) as Omit<SandboxOptions, 'directory'>;
  const sandbox = await startSandbox({ ...options, directory, slowMs });
  const platformOf = ({ platform }: Pick<Cell, 'platform'>) => {
    const found = platforms.find(({ matrix }) => matrix.id === platform);
    if (!found) throw new Error(`the matrix has no platform ${platform}`);
    return found;
  };
  const close = async () => {
    for (const platform of platforms) platform.close?.();
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const commits = await createRepositories(sandbox, cells, platformOf);
    const activities = activitiesOf(sandbox, directory, platforms);
    const commitsOf = ({ id }: Cell) => commits.get(id) ?? { old: '', next: '' };
    return { sandbox, directory, cells, platformOf, commitsOf, activities, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

type PlatformOf = (cell: Pick<Cell, 'platform'>) => TestPlatform;

async function createRepositories(
  sandbox: Sandbox,
  cells: readonly Cell[],
  platformOf: PlatformOf,
) {
  const made = new Map<string, Commits>();
  const commits = new Map<string, Commits>();
  for (const cell of cells) {
    const name = repositoryOf(cell);
    const known = made.get(name) ?? (await createRepository(sandbox, cell, platformOf(cell)));
    made.set(name, known);
    commits.set(cell.id, known);
  }
  return commits;
}

/**
 * Makes the commits `old` and `next`. `next` is on main, or on its own branch if the row is
 * unmerged.
 */
async function createRepository({ git }: Sandbox, cell: Cell, platform: TestPlatform) {
  const { bad, good = samples.good } = platform;
  const files = cell.row.bad ? bad : good(2);
  const branch = cell.row.unmerged ? 'next' : 'main';
  const [, old = '', next = ''] = await git.createRepository(repositoryOf(cell), [
    { files: good(0), message: `${cell.id}: the one before` },
    { files: good(1), message: `${cell.id}: what is live` },
    { files, message: `${cell.id}: the next release`, branch },
  ]);
  return { old, next };
}

function activitiesOf(
  sandbox: Sandbox,
  directory: string,
  platforms: readonly TestPlatform[],
): Partial<PlainActivities> {
  const git = createGit({
    workspace: join(directory, 'workspace'),
    token: () => sandbox.tokens.github,
  });
  const own = new Map(
    platforms.map(({ matrix: { id }, activities }) => [
      id,
      activities(sandbox, join(directory, `work-${id}`)),
    ]),
  );
  return {
    ...createPublish({ git }),
    ...(Object.assign({}, ...own.values()) as Partial<PlainActivities>),
    inspectHosts: async ({ target }) =>
      (await own.get(target.platform)?.inspectHosts?.({ target })) ?? [],
  };
}

/**
 * The effects on the cell's service and the pushes of its commit, without the first `from` effects
 * of the stack.
 */
export function effectsOf(stack: Stack, cell: Cell, from = 0): Effect[] {
  const pushed = `..${stack.commitsOf(cell).next}`;
  return stack.sandbox.board.effects
    .slice(from)
    .filter(({ detail }) => detail.split(' ').includes(cell.id) || detail.endsWith(pushed));
}

/** Counts the effects by name. Idempotent effects are left out. */
export function countOf({ idempotent = [] }: Matrix, effects: readonly Effect[]): Effects {
  const counts: Effects = {};
  for (const { service, operation } of effects) {
    const name = `${service} ${operation}`;
    if (!idempotent.includes(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The commit that the cell serves, written as `old` or `next`. */
export async function servedBy(stack: Stack, cell: Cell): Promise<string | null> {
  const { old, next } = stack.commitsOf(cell);
  const sha = await stack.platformOf(cell).serves(stack.sandbox, cell);
  return sha && sha.replaceAll(old, 'old').replaceAll(next, 'next');
}

/** Calls `work` for every item, for at most `most` items at once. */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
) {
  const waiting = [...items];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: most }, lane));
}
