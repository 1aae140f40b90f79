import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { createGit } from '../../activities/git.ts';
import { createPublish } from '../../activities/publish.ts';
import { createSmoke } from '../../activities/smoke.ts';
import type { Activities } from '../../domain/activities.ts';
import type { DeployReport, DeployStatus, HostState, Plan, Target } from '../../domain/plan.ts';
import { timing } from '../../domain/policy/timing.ts';
import type { SmokePaths } from '../../domain/schema.ts';
import { samples } from '../../sandbox/samples.ts';
import type { FileTree } from '../../sandbox/samples.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox/sandbox.ts';
import { deploy } from '../../workflows/deploy.ts';
import { retry, status } from '../../workflows/messages.ts';
import { eventually } from '../support/e2e.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { planFor } from '../support/plan.ts';
import { request } from '../support/saga.ts';
import { cellName, columnsOf, suffers } from './cells.ts';
import type { Call, Column, Matrix, Row } from './cells.ts';

/** One deploy of its own: its repository, its service, its fault. */
export type Cell = { id: string; row: Row; column: Column };

/** What a platform brings: its stand-in, the target of a cell, and its own activities. */
export type Harbor = {
  sandbox(
    cells: readonly Cell[],
  ): Omit<SandboxOptions, 'directory' | 'hosts'> & Partial<Pick<SandboxOptions, 'hosts'>>;
  seed(sandbox: Sandbox, cell: Cell, sha: string): Promise<void>;
  target(sandbox: Sandbox, cell: Cell): Target;
  /** `workspace` is for trees. */
  activities(sandbox: Sandbox, workspace: string): Partial<Activities>;
  /** Releases that work, and their critical paths; those of the sample service where they are absent. */
  good?(n: number): FileTree;
  smoke?: SmokePaths;
  /** A release that goes live and then fails. */
  bad: FileTree;
  /** How many deploys at once: fewer where each of their steps is work for this machine. */
  berths?: number;
  /** Commit that the cell's processes serve. */
  serves(sandbox: Sandbox, cell: Cell): string | null | Promise<string | null>;
};

export const cellsOf = (matrix: Matrix): Cell[] =>
  matrix.rows.flatMap((row, at) =>
    columnsOf(matrix)
      .map((column, index) => ({ id: `cell-${at}-${index}`, row, column }))
      .filter(({ column }) => suffers(row, column)),
  );

const scale = 60;
/** Answers that are slow come within the time-out of a call. */
const slowMs = 1000;
/** One of its own where something is pushed; the others build from the same. */
export const repositoryOf = ({ id, row }: Pick<Cell, 'id' | 'row'>) =>
  `acme/${row.unmerged ? id : row.bad ? 'bad' : 'good'}`;

type Shas = { old: string; next: string };
/** What was seen of a cell when it had ended. */
export type Seen = {
  ending: string;
  cause: string | null;
  /** `old`, `next`, or another commit. */
  serves: string | null;
  effects: Record<string, number>;
};

/** Each deploys with processes of its own: more at once only wait for each other. */
const mostBerths = 20;
const longestFirst = (one: Cell, other: Cell) =>
  Number(other.column.every ?? false) - Number(one.column.every ?? false);

/** Every cell of a matrix: the saga on a real server, real activities for what touches the platform. */
export async function sailMatrix(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  { matrix, harbor }: { matrix: Matrix; harbor: Harbor },
) {
  const directory = await mkdtemp(join(tmpdir(), 'plimsoll-matrix-'));
  const cells = cellsOf(matrix);
  const options = { hosts: [], ...harbor.sandbox(cells), directory, slowMs };
  const sandbox = await startSandbox(options);
  const shas = new Map<string, Shas>();
  const sea: Sea = { env, matrix, harbor, sandbox, shas, cells, directory };
  try {
    await fill(sea);
    const served = cells.filter(({ row }) => !row.fresh);
    await Promise.all(
      served.map((cell) => harbor.seed(sandbox, cell, shas.get(cell.id)?.old ?? '')),
    );
    const taskQueue = `matrix-${process.pid}-${matrix.platform}`;
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowBundle,
      activities: crew(sea),
    });
    return await worker.runUntil(async () => {
      const seen = new Map<string, Seen>();
      const waiting = cells.toSorted(longestFirst);
      const berth = async () => {
        for (let cell = waiting.shift(); cell; cell = waiting.shift())
          seen.set(cell.id, await sail(sea, cell, taskQueue));
      };
      await Promise.all(Array.from({ length: harbor.berths ?? mostBerths }, berth));
      return seen;
    });
  } finally {
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  }
}

type Sea = {
  env: TestWorkflowEnvironment;
  matrix: Matrix;
  harbor: Harbor;
  sandbox: Sandbox;
  shas: Map<string, Shas>;
  cells: readonly Cell[];
  directory: string;
};

/** The release before is live; the next one is on a branch, and merged where the row says so. */
async function fill({ sandbox, harbor, shas, cells }: Sea) {
  const made = new Map<string, Shas>();
  for (const cell of cells) {
    const name = repositoryOf(cell);
    const known = made.get(name) ?? (await createRepository(sandbox, cell, harbor));
    made.set(name, known);
    shas.set(cell.id, known);
  }
}

async function createRepository({ git }: Sandbox, cell: Cell, harbor: Harbor): Promise<Shas> {
  const { bad, good = samples.good } = harbor;
  const next = cell.row.bad ? bad : good(2);
  const branch = cell.row.unmerged ? 'next' : 'main';
  const [, old = '', sha = ''] = await git.createRepository(repositoryOf(cell), [
    { files: good(0), message: `${cell.id}: the one before` },
    { files: good(1), message: `${cell.id}: what is live` },
    { files: next, message: `${cell.id}: the next release`, branch },
  ]);
  return { old, next: sha };
}

/** The people, the gates and the memory are none of this matrix: they are fakes. */
function crew(sea: Sea): Activities {
  const { harbor, sandbox, directory } = sea;
  const token = () => sandbox.tokens.github;
  const git = createGit({ workspace: join(directory, 'workspace'), token });
  const { publishCommit } = createPublish({ git });
  const platform = harbor.activities(sandbox, join(directory, 'platform'));
  const { activities } = fakeActivities(Date.now, {
    publishCommit: (input) =>
      cellOf(sea, input.deploy.project).row.unmerged
        ? publishCommit(input)
        : Promise.resolve({ published: 'already' }),
    ...createSmoke(),
    ...platform,
    planDeploy: ({ signed }) => planOf(sea, signed.request.project, platform),
    takeLooks: cleanLooks,
  });
  return armed(sea, activities);
}

const windowMs = 1800;
const scaled = {
  ...timing(scale),
  ...{ windowMs, segmentMs: windowMs, lookMs: windowMs / 180 },
  ...{ stuckGiveUpMs: 120_000, restoreGiveUpMs: 240_000 },
};

async function planOf(sea: Sea, id: string, platform: Partial<Activities>): Promise<Plan> {
  const { harbor, sandbox, shas } = sea;
  const cell = cellOf(sea, id);
  const { old = '', next: sha = '' } = shas.get(id) ?? {};
  const target = harbor.target(sandbox, cell);
  const live = ((await platform.inspectHosts?.({ target })) ?? []) as HostState[];
  const [state] = live;
  const known = state?.id === undefined ? {} : { platformId: state.id };
  const back = { id: `${old.slice(0, 12)}-00000000`, sha: old, ...known };
  return planFor({
    ...{ deployId: `d-${id}`, project: id, sha, target, live, timing: scaled, slack: null },
    release: { id: `${sha.slice(0, 12)}-00000000`, sha },
    restoreTo: cell.row.fresh ? null : back,
    rule: { ...planFor().rule, required: 0 },
    smoke: harbor.smoke ?? { auth: '/login', payments: '/pay', core: '/' },
    notAfter: new Date(Date.now() + 3600_000).toISOString(),
  });
}

const cellOf = ({ cells }: Sea, id: string): Cell => {
  const cell = cells.find((one) => one.id === id);
  if (!cell) throw new Error(`the matrix has no ${id}`);
  return cell;
};

const every = 1000;

/** A whole window of them, whatever the machine's own time. */
const cleanLooks: Activities['takeLooks'] = async ({ earlier, endsAt, timing, watch }) => {
  await new Promise((resolve) => setTimeout(resolve, Math.max(1, endsAt - Date.now())));
  if (earlier.length > 0) return [];
  const { lookMs } = timing;
  return Array.from({ length: watch.plannedLooks }, (_, at) => ({
    at: at * lookMs,
    probe: 0,
    log: null,
  }));
};

/** The fault is armed once for each call, when the activity begins whose call it is. */
function armed(sea: Sea, activities: Activities): Activities {
  const done = new Set<string>();
  const arm = (cell: Cell, call: Call, at: number) => {
    const key = `${cell.id} ${at}`;
    if (done.has(key)) return;
    done.add(key);
    const { kind, on, every: always } = cell.column;
    const times = always ? every : on === 'status' ? (call.lies ?? 1) : 1;
    sea.sandbox.board.arm({ service: call.service, match: matchOf(cell, call), kind, times });
  };
  const entries = Object.entries(activities).map(([name, act]) => [
    name,
    (input: { deploy?: { project: string } }) => {
      const cell = sea.cells.find(({ id }) => id === input.deploy?.project);
      for (const [at, call] of cell ? callsOf(cell).entries() : [])
        if (cell && call.during === name) arm(cell, call, at);
      return (act as (input: unknown) => unknown)(input);
    },
  ]);
  return Object.fromEntries(entries) as Activities;
}

async function sail(sea: Sea, cell: Cell, taskQueue: string): Promise<Seen> {
  const { env, harbor, sandbox, shas } = sea;
  const signed = { ...request, request: { ...request.request, project: cell.id } };
  const workflowId = `deploy/${cell.id}/production`;
  const handle = await env.client.workflow.start(deploy, { args: [signed], taskQueue, workflowId });
  const ask = () => handle.query<DeployStatus, []>(status);
  let cause: string | null = null;
  for (const call of cell.column.every ? callsOf(cell) : []) {
    cause = await untilStuck(cell, ask);
    sandbox.board.disarm(matchOf(cell, call));
    await handle.signal(retry);
    await eventually('it goes on', async () => (await ask()).stuck === null, patienceMs);
  }
  const outcome = await endOf(ask, handle.result() as Promise<DeployReport>);
  const { old, next } = shas.get(cell.id) ?? {};
  const sha = await harbor.serves(sandbox, cell);
  const ending = `${cause === null ? '' : 'stuck, '}${outcome}`;
  const serves = sha === old ? 'old' : sha === next ? 'next' : sha;
  return { ending, cause, serves, effects: effectsOf(sea, cell) };
}

const patienceMs = 300_000;

/** Its outcome; of one that stays open, where it is. */
async function endOf(ask: () => Promise<DeployStatus>, closed: Promise<DeployReport>) {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), patienceMs);
  const report = await Promise.race([closed, late.promise]);
  clearTimeout(timer);
  if (report) return report.outcome;
  const { phase, stuck } = await ask();
  return `open in ${phase}: ${stuck?.step ?? ''} ${stuck?.cause ?? ''}`;
}

async function untilStuck({ row, column }: Cell, ask: () => Promise<DeployStatus>) {
  let cause = '';
  const stuck = async () => {
    const now = await ask().catch(() => null);
    cause = now?.stuck?.cause ?? '';
    return cause !== '' || (now?.outcome ?? null) !== null;
  };
  await eventually(`a person is called in ${cellName(row, column)}`, stuck, patienceMs);
  return cause;
}

const callsOf = ({ row }: Cell): Call[] => [row, ...(row.later ?? [])];
const matchOf = ({ id, column }: Cell, call: Call) => call[column.on].replaceAll('CELL', id);

/** Effects on the cell's own service, and pushes of its own commit. */
function effectsOf({ sandbox: { board }, shas, matrix }: Sea, { id }: Cell) {
  const pushed = `..${shas.get(id)?.next}`;
  const mine = board.effects.filter(
    ({ detail }) => detail.split(' ').includes(id) || detail.endsWith(pushed),
  );
  const counts: Record<string, number> = {};
  for (const { service, operation } of mine) {
    const name = `${service} ${operation}`;
    if (!matrix.idempotent?.includes(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
