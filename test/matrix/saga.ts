import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { byPlatform } from '../../activities/platforms/driver.ts';
import { createSmoke } from '../../activities/watch/smoke.ts';
import type { PlainActivities } from '../../domain/contract/activities.ts';
import type { DeployReport, DeployStatus, Plan } from '../../domain/deploy/plan.ts';
import { deploy } from '../../workflows/deploy.ts';
import { retry, status } from '../../workflows/messages.ts';
import { eventually } from '../support/e2e.ts';
import { fakeActivities } from '../support/fake-activities.ts';
import { planFor } from '../support/plan.ts';
import { request } from '../support/saga.ts';
import { callsOf, cellName, matchOf } from './cells.ts';
import type { Call, Cell, Effects } from './cells.ts';
import { countOf, effectsOf, inParallel, openStack, scaled, servedBy } from './stack.ts';
import type { Stack, TestPlatform } from './stack.ts';

/** The result of a cell after its deploy ended. */
export type CellResult = {
  ending: string;
  cause: string | null;
  /** The commit that is served: `old`, `next` or another SHA; null = none. */
  serves: string | null;
  effects: Effects;
};

/**
 * How many cells deploy at once. Each cell starts its own processes, so with more cells the
 * processes would only wait for each other.
 */
const mostAtOnce = 20;
const longestFirst = (one: Cell, other: Cell) => timeLimitOf(other) - timeLimitOf(one);
const timeLimitOf = ({ row, column }: Cell) => (column.every ? (row.bad ? 2 : 1) : 0);

type Running = { env: TestWorkflowEnvironment; stack: Stack };

/**
 * Runs a whole deploy for each cell. The server and the activities that touch the platform are
 * real.
 */
export async function deployCells(
  env: TestWorkflowEnvironment,
  workflowBundle: WorkflowBundleOption,
  platforms: readonly TestPlatform[],
  cells: readonly Cell[],
): Promise<Map<string, CellResult>> {
  const stack = await openStack(platforms, cells);
  const running = { env, stack };
  const most = Math.min(mostAtOnce, ...platforms.map(({ parallel = mostAtOnce }) => parallel));
  try {
    await seedAll(stack);
    const taskQueue = `matrix-${process.pid}-${platforms.map(({ matrix }) => matrix.id).join('-')}`;
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue,
      workflowBundle,
      activities: activitiesOf(stack),
    });
    return await worker.runUntil(async () => {
      const seen = new Map<string, CellResult>();
      await inParallel(cells.toSorted(longestFirst), most, async (cell) => {
        seen.set(cell.id, await deployCell(running, cell, taskQueue));
      });
      return seen;
    });
  } finally {
    await stack.close();
  }
}

/**
 * How many first releases start at once. The number is small, because each release must start its
 * processes within a deadline.
 */
const seedsAtOnce = 4;

const seedAll = (stack: Stack) =>
  inParallel(
    stack.cells.filter(({ row }) => !row.fresh),
    seedsAtOnce,
    async (cell) => {
      await stack.platformOf(cell).seed(stack.sandbox, cell, stack.commitsOf(cell).old);
    },
  );

/**
 * The real activities of the platforms. Approvals, gates and ledger are fakes, because this matrix
 * does not test them.
 */
function activitiesOf(stack: Stack): PlainActivities {
  const { publishCommit } = stack.activities;
  const { activities } = fakeActivities(Date.now, {
    ...createSmoke({ driverOf: () => ({ processes: byPlatform }) as never }),
    ...stack.activities,
    publishCommit: async (input) =>
      publishCommit && cellOf(stack, input.deploy.project).row.unmerged
        ? await publishCommit(input)
        : { published: 'already' },
    planDeploy: ({ signed }) => planOf(stack, signed.request.project),
    takeSamples: cleanSamples,
  });
  return armed(stack, activities);
}

async function planOf(stack: Stack, id: string): Promise<Plan> {
  const cell = cellOf(stack, id);
  const platform = stack.platformOf(cell);
  const { old, next: sha } = stack.commitsOf(cell);
  const target = platform.target(stack.sandbox, cell);
  const live = (await stack.activities.inspectHosts?.({ target })) ?? [];
  const [state] = live;
  const known = state?.id === undefined ? {} : { platformId: state.id };
  const back = { id: `${old.slice(0, 12)}-00000000`, sha: old, ...known };
  return planFor({
    deployId: `d-${id}`,
    project: id,
    sha,
    target,
    live,
    timing: scaled,
    slack: null,
    release: { id: `${sha.slice(0, 12)}-00000000`, sha },
    rollbackTarget: cell.row.fresh ? null : back,
    rule: { ...planFor().rule, required: 0 },
    smoke: platform.smoke ?? { auth: '/login', payments: '/pay', core: '/' },
    notAfter: new Date(Date.now() + 3600_000).toISOString(),
  });
}

function cellOf({ cells }: Stack, id: string): Cell {
  const cell = cells.find((one) => one.id === id);
  if (!cell) throw new Error(`the matrix has no cell ${id}`);
  return cell;
}

const every = 1000;

/** Waits for the end of the segment and returns the clean samples of a whole window. */
const cleanSamples: PlainActivities['takeSamples'] = async ({ earlier, endsAt, timing, watch }) => {
  await new Promise((resolve) => setTimeout(resolve, Math.max(1, endsAt - Date.now())));
  if (earlier.length > 0) return [];
  const { sampleMs } = timing;
  return Array.from({ length: watch.plannedSamples }, (_, at) => ({
    at: at * sampleMs,
    probe: 0,
    log: null,
  }));
};

/**
 * Wraps the activities. When an activity begins for the first time, the wrapper arms the fault of
 * its call.
 */
function armed(stack: Stack, activities: PlainActivities): PlainActivities {
  const done = new Set<string>();
  const arm = (cell: Cell, call: Call, at: number) => {
    const key = `${cell.id} ${at}`;
    if (done.has(key)) return;
    done.add(key);
    const { kind, on, every: always } = cell.column;
    const times = always ? every : on === 'status' ? (call.lies ?? 1) : 1;
    stack.sandbox.board.arm({ service: call.service, match: matchOf(cell, call), kind, times });
  };
  const entries = Object.entries(activities).map(([name, act]) => [
    name,
    (input: { deploy?: { project: string } }) => {
      const cell = stack.cells.find(({ id }) => id === input.deploy?.project);
      for (const [at, call] of cell ? callsOf(cell).entries() : [])
        if (cell && call.during === name) arm(cell, call, at);
      return (act as (input: unknown) => unknown)(input);
    },
  ]);
  return Object.fromEntries(entries) as PlainActivities;
}

async function deployCell(
  { env, stack }: Running,
  cell: Cell,
  taskQueue: string,
): Promise<CellResult> {
  const signed = { ...request, request: { ...request.request, project: cell.id } };
  const workflowId = `deploy/${cell.id}/production`;
  const handle = await env.client.workflow.start(deploy, { args: [signed], taskQueue, workflowId });
  const ask = () => handle.query<DeployStatus, []>(status);
  let cause: string | null = null;
  for (const call of cell.column.every ? callsOf(cell) : []) {
    cause = await untilStuck(cell, ask);
    stack.sandbox.board.disarm(matchOf(cell, call));
    await handle.signal(retry);
    await eventually('the retry ends', async () => (await ask()).stuck === null, timeLimitMs);
  }
  const outcome = await endOf(ask, handle.result() as Promise<DeployReport>);
  const ending = `${cause === null ? '' : 'stuck, '}${outcome}`;
  const effects = countOf(stack.platformOf(cell).matrix, effectsOf(stack, cell));
  return { ending, cause, serves: await servedBy(stack, cell), effects };
}

const timeLimitMs = 300_000;

/**
 * Returns the outcome of the deploy. If the deploy does not close in time, returns its phase and
 * the stuck step.
 */
async function endOf(ask: () => Promise<DeployStatus>, closed: Promise<DeployReport>) {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), timeLimitMs);
  const report = await Promise.race([closed, late.promise]);
  clearTimeout(timer);
  if (report) return report.outcome;
  const { phase, stuck } = await ask();
  return `open in ${phase}: ${stuck?.step ?? ''} ${stuck?.cause ?? ''}`;
}

async function untilStuck(cell: Cell, ask: () => Promise<DeployStatus>) {
  let cause = '';
  const stuck = async () => {
    const now = await ask().catch(() => null);
    cause = now?.stuck?.cause ?? '';
    return cause !== '' || (now?.outcome ?? null) !== null;
  };
  await eventually(`the deploy of ${cellName(cell)} gets stuck`, stuck, timeLimitMs);
  return cause;
}
